// A note at a moment of a merchant's time, as charts show it.

export interface AnnotationView {
  id: string;
  /** Of the merchant's clock, as is the hour. */
  date: string;
  /** Null: of the whole day. */
  hour: number | null;
  text: string;
  /** Who wrote it; null to those who look through a shared link. */
  who: string | null;
}
