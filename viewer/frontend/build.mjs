// Bundles the component into one classic script and one style sheet: node build.mjs OUTPUT_FOLDER
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

// Dash has loaded React before any component script; bundling a second copy would break its hooks.
const reactIsDashs = {
  name: "react-is-dashs",
  setup(builder) {
    builder.onResolve({ filter: /^react$/ }, () => ({ path: "react", namespace: "dash" }));
    builder.onLoad({ filter: /.*/, namespace: "dash" }, () => ({ contents: "module.exports = window.React;" }));
  },
};

const common = { bundle: true, format: "iife", minify: true, legalComments: "none", metafile: true };

/**
 * Write into OUTPUT: case_stage.min.js and .css, snapshot.min.js and .css (of a case as one page), surfaces_worker.min.js,
 * plotly.min.js (of the charts), and licences.txt.
 */
async function bundle(output) {
  await mkdir(output, { recursive: true });
  const ours = await build({
    ...common,
    entryPoints: {
      "case_stage.min": join(here, "src/index.ts"),
      "snapshot.min": join(here, "src/snapshot/index.tsx"),
      "surfaces_worker.min": join(here, "src/engine/surfaces_worker.ts"),
    },
    outdir: output,
    target: "es2022",
    plugins: [reactIsDashs],
    define: { "import.meta.url": "location.href" },
  });
  const charts = await build({
    ...common,
    entryPoints: [join(here, "src/charts/plotly.js")],
    outfile: join(output, "plotly.min.js"),
    target: "es2016", // as plotly.js builds itself
    define: { global: "window" },
    loader: { ".css": "empty" }, // of maps, which the charts draw none of
  });
  const styles = { "case_stage.css": "src/case_stage.css", "snapshot.css": "src/snapshot/snapshot.css" };
  for (const [name, source] of Object.entries(styles)) await build({ entryPoints: [join(here, source)], outfile: join(output, name), bundle: true, minify: true });
  await writeFile(join(output, "licences.txt"), await licences([ours, charts].flatMap((made) => Object.keys(made.metafile.inputs))));
}

/** The licence texts of the packages that went into the bundles; of one that comes without a text, the licence it names. */
async function licences(inputs) {
  const packages = new Set(inputs.map((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[0]).filter(Boolean));
  const texts = [...packages].sort().map(async (folder) => {
    const { name, version, license, author } = JSON.parse(await readFile(join(here, folder, "package.json"), "utf8"));
    const file = (await readdir(join(here, folder))).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file && !license) throw new Error(`package ${name} names no licence`);
    const text = file ? await readFile(join(here, folder, file), "utf8") : `by ${author?.name ?? author ?? "its authors"}; no licence text comes with it`;
    return `${name} ${version} (${license ?? "see its text"})\n\n${text}`;
  });
  return (await Promise.all(texts)).join("\n\n");
}

await bundle(process.argv[2] ?? join(here, "../_static"));
