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

/** Write into OUTPUT: case_stage.min.js and .css, snapshot.min.js and .css (of a case as one page), surfaces_worker.min.js, and licences.txt. */
async function bundle(output) {
  await mkdir(output, { recursive: true });
  const result = await build({
    entryPoints: {
      "case_stage.min": join(here, "src/index.ts"),
      "snapshot.min": join(here, "src/snapshot/index.tsx"),
      "surfaces_worker.min": join(here, "src/engine/surfaces_worker.ts"),
    },
    outdir: output,
    bundle: true,
    format: "iife",
    target: "es2022",
    minify: true,
    legalComments: "none",
    metafile: true,
    plugins: [reactIsDashs],
    define: { "import.meta.url": "location.href" },
  });
  const styles = { "case_stage.css": "src/case_stage.css", "snapshot.css": "src/snapshot/snapshot.css" };
  for (const [name, source] of Object.entries(styles)) await build({ entryPoints: [join(here, source)], outfile: join(output, name), bundle: true, minify: true });
  await writeFile(join(output, "licences.txt"), await licences(Object.keys(result.metafile.inputs)));
}

/** The licence texts of the packages that went into the bundle. */
async function licences(inputs) {
  const packages = new Set(inputs.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean));
  const texts = [...packages].sort().map(async (name) => {
    const folder = join(here, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`package ${name} comes without a licence text`);
    return `${name} ${version} (${license})\n\n${await readFile(join(folder, file), "utf8")}`;
  });
  return (await Promise.all(texts)).join("\n\n");
}

await bundle(process.argv[2] ?? join(here, "../_static"));
