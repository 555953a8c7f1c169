/** End the session and leave the app; nothing of the page before stays in memory. */
export async function signOut(): Promise<void> {
  await fetch("/sign-out", {
    method: "POST",
    headers: { "content-type": "application/json", "x-omna-request": "1" },
    body: "{}",
    redirect: "manual",
  });
  location.assign("/sign-in");
}
