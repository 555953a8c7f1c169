/** The kind of a stop's scope and what is behind it: "model:small" stops the model small. */
export function ofScope(scope: string): { kind: string; name: string } {
  const at = scope.indexOf(":");
  return at < 0 ? { kind: scope, name: "" } : { kind: scope.slice(0, at), name: scope.slice(at + 1) };
}
