// Part 3: a step of SGD from the weights of the circuit above, and then those of the step.

LABS.step = (lab) => {
  const section = lab.closest("section");
  const figure = section.querySelector(".circuit-figure");
  const [label, rate] = numberField("rate", 0.1, { min: 0, max: 100 });
  const take = make("button", { type: "button" }, "Take the step");
  const out = make("div", { class: "scroll" });
  const isWeight = (name) => name.startsWith("w");
  const after = () => stepped(figure.state.circuit, figure.state.inputs, rate.valueAsNumber, "w");
  function tell() {
    if (!rate.validity.valid || rate.value === "") return;
    const { circuit, inputs } = figure.state;
    const next = after();
    out.replaceChildren(tableOf(["", "before", "after"], [
      ...Object.keys(next).filter(isWeight).map((name) => [name, inputs[name], next[name]]),
      ["L", outcome(circuit, inputs), outcome(circuit, next, inputs)]],
    "Each weight minus the rate times its gradient"));
  }
  take.addEventListener("click", () => {
    if (!rate.validity.valid || rate.value === "") return;
    const next = after();
    for (const field of figure.querySelectorAll("form.inputs input")) {
      if (isWeight(field.name)) field.value = next[field.name];
    }
    figure.querySelector("form.inputs").dispatchEvent(new Event("input", { bubbles: true }));
  });
  const form = make("form", { class: "inputs" }, label, take);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", tell);
  section.addEventListener("change-of-inputs", tell);
  lab.append(form, out);
  tell();
};
