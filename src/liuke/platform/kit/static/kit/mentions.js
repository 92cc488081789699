"use strict";
/* In a form with data-mentions, “@” and some letters in a long text offer colleagues; Enter or a click writes the name.
   Without a script a name that is typed does the same. */

{
  const WRITTEN = /(?:^|[^0-9A-Za-z_.])[@＠]([^\s@＠，。；：！？、,;:!?]{0,40})$/;
  const WAIT = 120;
  let list = null; // the open list: { box, area, people, at, chosen }
  let timer = 0;
  let asked = 0;

  const close = () => {
    list?.box.remove();
    list?.area.removeAttribute("aria-activedescendant");
    list?.area.removeAttribute("aria-controls");
    list = null;
    asked += 1; // an answer under way comes too late
  };

  const mark = (place) => {
    list.chosen = place;
    [...list.box.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === place)));
    list.area.setAttribute("aria-activedescendant", list.box.children[place].id);
  };

  const write = (place) => {
    const { area, at, people } = list;
    const text = people[place].write;
    const gap = /[0-9A-Za-z_.]$/.test(text) ? " " : "";
    close();
    area.setRangeText(text + gap, at, area.selectionStart, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  };

  const open = (area, at, people) => {
    close();
    if (!people.length) return;
    const box = document.createElement("div");
    box.className = "mentions";
    box.id = "mentions-list";
    box.setAttribute("role", "listbox");
    people.forEach((person, place) => {
      const option = document.createElement("div");
      option.id = `mentions-${place}`;
      option.setAttribute("role", "option");
      option.append(person.name);
      const about = document.createElement("small");
      about.className = "muted";
      about.textContent = [person.write === person.name ? "" : `@${person.write}`, person.about].filter(Boolean).join(" · ");
      option.append(about);
      option.addEventListener("pointerdown", (event) => { event.preventDefault(); write(place); });
      box.append(option);
    });
    area.after(box);
    area.setAttribute("aria-controls", box.id);
    list = { box, area, people, at, chosen: 0 };
    mark(0);
  };

  const look = async (area) => {
    const before = area.value.slice(0, area.selectionStart);
    const found = before.match(WRITTEN);
    if (!found) return close();
    const url = new URL(area.form.dataset.mentions, location.href);
    url.searchParams.set("q", found[1]);
    asked += 1;
    const mine = asked;
    try {
      const answer = await fetch(url, { headers: { "HX-Request": "true" } });
      const people = answer.ok ? (await answer.json()).people : [];
      if (mine === asked && document.activeElement === area) open(area, before.length - found[1].length, people);
    } catch { close(); }
  };

  document.addEventListener("input", (event) => {
    const area = event.target;
    if (!area.matches?.("form[data-mentions] textarea")) return;
    clearTimeout(timer);
    timer = setTimeout(() => look(area), WAIT);
  });
  document.addEventListener("keydown", (event) => {
    if (!list || event.target !== list.area || event.isComposing) return;
    const count = list.people.length;
    const step = { ArrowDown: 1, ArrowUp: count - 1 }[event.key];
    if (step) mark((list.chosen + step) % count);
    else if (event.key === "Enter" || event.key === "Tab") write(list.chosen);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);
  document.addEventListener("focusout", (event) => { if (list && event.target === list.area) close(); });
}
