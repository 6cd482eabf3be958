// The chart as a picture to keep: what is drawn, on the page's own ground, with a line that says what it is.

const MARGIN_PX = 16;
const TITLE_PX = 28;

/** Downloads a PNG of the canvas inside `holder`. */
export function savePicture(holder: HTMLElement, title: string, fileName: string): void {
  const drawn = holder.querySelector("canvas");
  const picture = document.createElement("canvas");
  const context = picture.getContext("2d");
  if (drawn === null || context === null) return;
  const scale = devicePixelRatio;
  const [margin, titleHeight] = [MARGIN_PX * scale, TITLE_PX * scale];
  picture.width = drawn.width + 2 * margin;
  picture.height = drawn.height + titleHeight + 2 * margin;
  const theme = getComputedStyle(holder);
  context.fillStyle = theme.getPropertyValue("--surface");
  context.fillRect(0, 0, picture.width, picture.height);
  context.fillStyle = theme.getPropertyValue("--text");
  context.font = `600 ${14 * scale}px system-ui, sans-serif`;
  context.fillText(title, margin, margin + 14 * scale);
  context.drawImage(drawn, margin, margin + titleHeight);
  picture.toBlob((blob) => {
    if (blob === null) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = fileName;
    link.click();
    URL.revokeObjectURL(link.href);
  }, "image/png");
}
