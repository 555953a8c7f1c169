// Shows and hides what is typed into a password field. Without scripts the button stays away.
for (const button of document.querySelectorAll("[data-reveals]")) {
  const input = document.getElementById(button.dataset.reveals);
  const reveal = (shown) => {
    input.type = shown ? "text" : "password";
    button.textContent = shown ? button.dataset.hide : button.dataset.show;
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    reveal(input.type === "password");
    input.focus();
  });
  // What is sent must be a password field: browsers remember the others as ordinary text.
  input.form.addEventListener("submit", () => reveal(false));
}
