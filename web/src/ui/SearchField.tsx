// A search that is part of the address, so that what was found can be shared.

import { Field, SearchBox } from "@fluentui/react-components";
import { useCallback, useEffect, useState } from "react";
import { useSearchParams } from "react-router";

/** How long typing must rest before the search is sent, in milliseconds. */
const REST = 250;

/** A parameter of the address, and how to change it without a new entry in the history. */
export function useAddressParameter(name: string): [string, (value: string) => void] {
  const [parameters, setParameters] = useSearchParams();
  const change = useCallback(
    (value: string) => {
      setParameters(
        (before) => {
          const after = new URLSearchParams(before);
          if (value === "") {
            after.delete(name);
          } else {
            after.set(name, value);
          }
          return after;
        },
        { replace: true },
      );
    },
    [name, setParameters],
  );
  return [parameters.get(name) ?? "", change];
}

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

export function SearchField({ label, value, onChange }: Props) {
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  // The address changed by itself: back, forward, a link.
  if (value !== known) {
    setKnown(value);
    if (typed.trim() !== value) {
      setTyped(value);
    }
  }
  useEffect(() => {
    const wanted = typed.trim();
    if (wanted === value) {
      return undefined;
    }
    const timer = setTimeout(() => onChange(wanted), REST);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);
  return (
    <Field label={label}>
      <SearchBox value={typed} onChange={(_, { value: next }) => setTyped(next)} autoComplete="off" spellCheck={false} />
    </Field>
  );
}
