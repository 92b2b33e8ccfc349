// Builds static/dist: one script, one style sheet, fonts, and the icon sprite. Run: node static/build.mjs
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await Promise.all([bundle(), sprite(), copyFile(join(here, "img/icon.svg"), join(dist, "icon.svg"))]);
console.log(`static/dist: ${(await readdir(dist)).sort().join(", ")}`);

async function bundle() {
  await build({
    absWorkingDir: here,
    entryPoints: [
      { in: "js/app.js", out: "app" },
      { in: "css/app.css", out: "app" },
    ],
    entryNames: "[name]",
    chunkNames: "chunks/[name]-[hash]",
    assetNames: "fonts/[name]-[hash]",
    outdir: "dist",
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    target: ["chrome123", "firefox128", "safari17.5"],
    loader: { ".woff2": "file" },
    legalComments: "none",
    logLevel: "warning",
  });
}

async function sprite() {
  const names = JSON.parse(await readFile(join(here, "icons.json"), "utf8"));
  const symbols = await Promise.all(names.map(symbol));
  await writeFile(
    join(dist, "icons.svg"),
    `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`,
  );
}

async function symbol(name) {
  const source = await readFile(join(here, "node_modules/lucide-static/icons", `${name}.svg`), "utf8");
  const shapes = source.slice(source.indexOf(">", source.indexOf("<svg")) + 1, source.lastIndexOf("</svg>"));
  return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, "")}</symbol>`;
}
