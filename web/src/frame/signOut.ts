/** End the session by the form that the public pages use, and leave the app: nothing of it stays in memory. */
export function signOut(): void {
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/sign-out";
  document.body.append(form);
  form.submit();
}
