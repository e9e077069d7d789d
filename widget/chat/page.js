/* What the shop's page says about itself, by the script's attributes or by its own head. */

/** The name in the header; empty where the page tells none. */
export function companyOf(script) {
  const site = document.querySelector('meta[property="og:site_name"], meta[name="application-name"]');
  return script.dataset.company || (site && site.content) || "";
}

/** The address of the privacy notice; empty where there is none that could be opened. */
export function privacyOf(script) {
  const link = document.querySelector('a[rel~="privacy-policy"], link[rel~="privacy-policy"]');
  const wish = script.dataset.privacy || (link && link.getAttribute("href"));
  if (!wish) return "";
  const url = new URL(wish, document.baseURI);
  return /^https?:$/.test(url.protocol) ? url.href : "";
}
