// The product's mark; decoration beside its name.

export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="7" fill="#0b6a6f" />
      <path d="M9 25V12.5a7 7 0 0 1 14 0V25" fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
      <circle cx="16" cy="15.5" r="2.6" fill="#fff" />
      <path d="M16 18v7" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" />
    </svg>
  );
}
