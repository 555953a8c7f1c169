// Copies what a button stands for: `data-copy` is the text itself, else the block of code beside it that is shown.
for (const button of document.querySelectorAll(".copy")) {
  const said = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const shown = [...button.parentElement.querySelectorAll("pre")].find((one) => one.getClientRects().length > 0);
    try {
      await navigator.clipboard.writeText(button.dataset.copy ?? shown.textContent);
    } catch {
      return;
    }
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = said; }, 2000);
  });
}
