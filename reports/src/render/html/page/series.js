// Buttons that show and hide a strategy in every chart and table of the page.
const hidden = new Set();
const buttons = document.querySelectorAll(".series button[data-series]");

function showSeries() {
  for (const button of buttons) {
    button.setAttribute("aria-pressed", String(!hidden.has(button.dataset.series)));
  }
  for (const element of document.querySelectorAll("main [data-series]")) {
    element.classList.toggle("hidden", hidden.has(element.dataset.series));
  }
}

for (const button of buttons) {
  button.addEventListener("click", () => {
    const series = button.dataset.series;
    if (!hidden.delete(series)) hidden.add(series);
    showSeries();
  });
}
document.querySelector(".series .all")?.addEventListener("click", () => {
  hidden.clear();
  showSeries();
});

// A figure that is drawn for several baselines shows one of them.
for (const chooser of document.querySelectorAll(".chooser select")) {
  chooser.addEventListener("change", () => {
    for (const choice of chooser.closest("figure").querySelectorAll("[data-choice]")) {
      choice.hidden = choice.dataset.choice !== chooser.value;
    }
  });
}
document.documentElement.classList.add("scripted");
