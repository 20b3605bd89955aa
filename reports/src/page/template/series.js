// Buttons that show and hide strategies in every chart and table of the page.
const hidden = new Set();
const buttons = [...document.querySelectorAll(".series button[data-series]")];

// Up to this number of curves can be followed, even those drawn faintly.
const FEW = 8;

function showSeries() {
  for (const button of buttons) {
    button.setAttribute("aria-pressed", String(!hidden.has(button.dataset.series)));
  }
  for (const element of document.querySelectorAll("main section [data-series]")) {
    element.classList.toggle("hidden", hidden.has(element.dataset.series));
  }
  const shown = buttons.length - hidden.size;
  document.documentElement.classList.toggle("few", shown <= FEW);
  const count = document.querySelector(".series output");
  if (count) count.textContent = shown;
}

function toggle(some) {
  const show = some.every((button) => hidden.has(button.dataset.series));
  for (const button of some) {
    if (show) hidden.delete(button.dataset.series);
    else hidden.add(button.dataset.series);
  }
  showSeries();
}

// A click shows one strategy alone, and a second one all again. With a modifier key it adds or removes one.
function isolate(button) {
  const others = buttons.filter((other) => other !== button);
  const isAlone = !hidden.has(button.dataset.series) && others.every((other) => hidden.has(other.dataset.series));
  hidden.clear();
  if (!isAlone) for (const other of others) hidden.add(other.dataset.series);
  showSeries();
}

for (const button of buttons) {
  button.addEventListener("click", (event) => {
    if (event.shiftKey || event.ctrlKey || event.metaKey) toggle([button]);
    else isolate(button);
  });
}
for (const button of document.querySelectorAll(".series .mechanism")) {
  const own = buttons.filter((one) => one.parentNode === button.parentNode);
  button.addEventListener("click", () => toggle(own));
}
document.querySelector(".series .all")?.addEventListener("click", () => {
  hidden.clear();
  showSeries();
});
document.querySelector(".series .none")?.addEventListener("click", () => {
  for (const button of buttons) hidden.add(button.dataset.series);
  showSeries();
});

// Highlights a strategy under the pointer or focus wherever it is drawn.
function light(event) {
  const of = event.target.closest?.(".series button[data-series], tr[data-series]");
  for (const element of document.querySelectorAll("svg .lit")) element.classList.remove("lit");
  if (!of) return;
  for (const element of document.querySelectorAll(`svg [data-series="${of.dataset.series}"]`)) {
    element.classList.add("lit");
  }
}
document.addEventListener("pointerover", light);
document.addEventListener("focusin", light);

// A figure that is drawn for several baselines shows one of them.
for (const chooser of document.querySelectorAll(".chooser select")) {
  chooser.addEventListener("change", () => {
    for (const choice of chooser.closest("figure").querySelectorAll("[data-choice]")) {
      choice.hidden = choice.dataset.choice !== chooser.value;
    }
  });
}
showSeries();
document.documentElement.classList.add("scripted");
