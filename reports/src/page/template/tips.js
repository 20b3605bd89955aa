// Shows the figure of a mark next to it: of the mark under the pointer, or chosen by arrow keys.
const tip = document.getElementById("tip");
let pointed = null;

// A title in the drawing would be shown by the browser as well.
for (const title of document.querySelectorAll("svg.chart title")) {
  title.parentNode.dataset.tip = title.textContent;
  title.remove();
}

function point(mark, x, y) {
  pointed?.classList.remove("pointed");
  pointed = mark;
  tip.textContent = mark?.dataset.tip ?? "";
  if (!mark) return;
  mark.classList.add("pointed");
  const { width, height } = tip.getBoundingClientRect();
  tip.style.left = `${Math.max(4, Math.min(x + 12, innerWidth - width - 4))}px`;
  tip.style.top = `${y + 16 + height < innerHeight ? y + 16 : y - height - 12}px`;
}

// From one mark to the next, and from one series to the next, as the keys say.
function step(svg, key) {
  const marks = [...svg.querySelectorAll("[data-tip]")].filter((mark) => !mark.closest(".hidden"));
  const at = marks.indexOf(pointed);
  if (key === "Home" || at < 0) return marks[0];
  if (key === "End") return marks[marks.length - 1];
  if (key === "ArrowRight") return marks[Math.min(at + 1, marks.length - 1)];
  if (key === "ArrowLeft") return marks[Math.max(at - 1, 0)];
  const series = marks[at].closest("[data-series]");
  const others = marks.map((mark, index) => ({ mark, index }))
    .filter(({ mark }) => mark.closest("[data-series]") !== series);
  const next = key === "ArrowDown"
    ? others.find(({ index }) => index > at)
    : others.findLast(({ index }) => index < at);
  return next?.mark ?? marks[at];
}

const keys = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];
for (const svg of document.querySelectorAll("svg.chart")) {
  svg.tabIndex = 0;
  svg.addEventListener("pointermove", (event) => {
    point(event.target.closest("[data-tip]"), event.clientX, event.clientY);
  });
  svg.addEventListener("pointerleave", () => point(null));
  svg.addEventListener("blur", () => point(null));
  svg.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return point(null);
    if (!keys.includes(event.key)) return;
    const mark = step(svg, event.key);
    if (!mark) return;
    event.preventDefault();
    const { right, bottom } = mark.getBoundingClientRect();
    point(mark, right, bottom);
  });
}
