// The name and its mark: three beads on the rods of a counting frame.

export function Brand() {
  return (
    <span className="brand">
      <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
        <path d="M3 6h18M3 12h18M3 18h18" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" opacity=".45" />
        <circle cx="8" cy="6" r="3" fill="currentColor" />
        <circle cx="16" cy="12" r="3" fill="currentColor" />
        <circle cx="11" cy="18" r="3" fill="currentColor" />
      </svg>
      <span className="brand-name">Countinghouse</span>
    </span>
  );
}
