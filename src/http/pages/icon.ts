// The small picture in a browser's tab, inside the page so that nothing is fetched for it.

const SVG =
  "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='7' fill='#0b63ce'/>" +
  "<path d='M11 8h5a8 8 0 0 1 0 16h-5z' fill='none' stroke='#fff' stroke-width='3.5'/></svg>"

/** A `data:` address; the page's policy must allow `img-src data:`. */
export const ICON = `data:image/svg+xml,${encodeURIComponent(SVG)}`
