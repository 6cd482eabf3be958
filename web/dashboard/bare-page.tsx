// The page without a merchant: what is to be said instead of numbers.

import type { ReactNode } from "react";
import { Brand } from "./brand.tsx";

export const BarePage = ({ children }: { children: ReactNode }) => (
  <>
    <header className="top-bar">
      <Brand />
    </header>
    <main className="page">
      <h1 className="visually-hidden">Countinghouse</h1>
      {children}
    </main>
  </>
);
