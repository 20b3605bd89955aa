// Tables that sort by a column: its heading is a button, for pointer and keyboard alike.
for (const table of document.querySelectorAll("table.sorts")) {
  const headings = table.tHead.rows[table.tHead.rows.length - 1].cells;
  const value = (row, column) => {
    const cell = row.cells[column];
    return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent;
  };
  const compare = (a, b) => {
    // What was not measured comes last, in either direction.
    if (a === "" || b === "") return 0;
    return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(b);
  };
  const sort = (column) => {
    const falls = headings[column].getAttribute("aria-sort") === "ascending";
    for (const heading of headings) heading.setAttribute("aria-sort", "none");
    headings[column].setAttribute("aria-sort", falls ? "descending" : "ascending");
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => ({ row, at: value(row, column) }));
    const absent = (one) => typeof one.at === "string" && column > 0;
    rows.sort((a, b) => absent(a) - absent(b) || (falls ? compare(b.at, a.at) : compare(a.at, b.at)));
    body.append(...rows.map((one) => one.row));
  };
  [...headings].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(column));
    heading.append(button);
    heading.setAttribute("aria-sort", "none");
  });
}
