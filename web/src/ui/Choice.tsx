// A native selection: works with every keyboard and screen reader, and on phones.

import { Field, Select } from "@fluentui/react-components";

interface Props {
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  onChange: (value: string) => void;
}

export function Choice({ label, value, options, onChange }: Props) {
  return (
    <Field label={label}>
      <Select value={value} onChange={(_, { value: next }) => onChange(next)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </Select>
    </Field>
  );
}
