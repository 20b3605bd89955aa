// What is wider than the screen says that it scrolls.
function markWide() {
  for (const wide of document.querySelectorAll(".wide")) {
    wide.classList.toggle("overflows", wide.scrollWidth > wide.clientWidth);
  }
}
addEventListener("resize", markWide);
document.addEventListener("toggle", markWide, true);
markWide();
