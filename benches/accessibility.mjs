// Looks at the reports of a release as a browser has them: axe on every page, no request to anywhere, and pictures at two widths.
//
//   npm install --prefix /tmp/look playwright-core axe-core
//   NODE_PATH=/tmp/look/node_modules node benches/accessibility.mjs RELEASE PICTURES [path of chromium]

import { createRequire } from "node:module";
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

const require = createRequire(`${process.env.NODE_PATH ?? "."}/`);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const [release, pictures, executablePath = "/usr/bin/chromium"] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath });
let found = 0;
for (const name of readdirSync(release).filter((name) => name.endsWith(".html"))) {
  for (const width of [1100, 420]) {
    const page = await browser.newPage({ viewport: { width, height: 900 } });
    const requests = [];
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(`file://${resolve(release, name)}`);
    await page.screenshot({ path: `${pictures}/${name}.${width}.png`, fullPage: true });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    const elsewhere = requests.filter((url) => !url.startsWith("file:") && !url.startsWith("data:"));
    await page.evaluate(axe);
    const { violations, passes } = await page.evaluate(() => window.axe.run());
    for (const { id, impact, help, nodes } of violations) {
      console.log(`${name} at ${width}: ${impact} ${id}: ${help} (${nodes.length}), first ${nodes[0].html.slice(0, 160)}`);
    }
    if (wide > 0) console.log(`${name} at ${width}: ${wide} pixels wider than the window`);
    if (elsewhere.length > 0) console.log(`${name}: asks for ${elsewhere.join(" ")}`);
    console.log(`${name} at ${width}: ${passes.length} rules pass, ${violations.length} do not`);
    found += violations.length + elsewhere.length + (wide > 0 ? 1 : 0);
    await page.close();
  }
}
await browser.close();
process.exitCode = found > 0 ? 1 : 0;
