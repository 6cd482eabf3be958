// What stands in a form's field, without blanks around it; "" when there is no such field.

export const textIn = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === "string" ? value.trim() : "";
};
