// Sets light or dark before anything is painted; app/theme.ts keeps the choice under the same key.
(() => {
  let choice = "auto";
  try {
    choice = localStorage.getItem("spyglass-scheme") ?? "auto";
  } catch {
    // storage may be forbidden: then the system decides
  }
  const dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
})();
