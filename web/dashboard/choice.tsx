// One of a few: the radio buttons of the browser, with its arrow keys, drawn as a row of words.

export interface ChoiceProps<Id extends string> {
  /** Read out; names the group in the page. */
  label: string;
  options: readonly { id: Id; label: string }[];
  chosen: Id;
  onChoose: (id: Id) => void;
}

export function Choice<Id extends string>({ label, options, chosen, onChoose }: ChoiceProps<Id>) {
  return (
    <div className="tabs" role="radiogroup" aria-label={label}>
      {options.map((option) => (
        <label key={option.id} className="tab">
          <input
            type="radio"
            className="visually-hidden"
            name={label}
            checked={option.id === chosen}
            onChange={() => onChoose(option.id)}
          />
          {option.label}
        </label>
      ))}
    </div>
  );
}
