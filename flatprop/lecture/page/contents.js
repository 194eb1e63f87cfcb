// The contents stay in view and say where one is; j and k go from part to part.

function contents() {
  const links = [...document.querySelectorAll("nav li a")];
  const sections = links.map((link) => document.querySelector(link.getAttribute("href")));
  const details = document.querySelector("nav details");
  const wide = matchMedia("(min-width: 1000px)");
  let place = -1;

  function mark() {
    const line = innerHeight / 3;
    place = sections.findLastIndex((each) => each.getBoundingClientRect().top <= line);
    links.forEach((link, number) => {
      if (number === place) link.setAttribute("aria-current", "location");
      else link.removeAttribute("aria-current");
    });
  }

  function go(number) {
    const section = sections[Math.min(Math.max(number, 0), sections.length - 1)];
    section.scrollIntoView();
    section.querySelector("h2").focus({ preventScroll: true });
  }

  addEventListener("scroll", mark, { passive: true });
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, select, textarea")) return;
    if (event.ctrlKey || event.altKey || event.metaKey || !["j", "k"].includes(event.key)) return;
    go(place + (event.key === "j" ? 1 : -1));
  });
  // On a phone the contents close when one has been chosen.
  details.addEventListener("click", ({ target }) => {
    if (target.closest("a") && !wide.matches) details.open = false;
  });
  const fit = () => { details.open = wide.matches; };
  wide.addEventListener("change", fit);
  fit();
  mark();
}
