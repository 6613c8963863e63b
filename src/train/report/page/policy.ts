// What a browser may do with a report's page: show it. No script, nothing from elsewhere.

/** Content-Security-Policy; the page states it itself, and the server sends it as a header. */
export const REPORT_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src data:; base-uri 'none'; form-action 'none'"
