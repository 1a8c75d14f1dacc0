/** What is shown: lowest and highest position across and up. */
export type Window4 = readonly [number, number, number, number];
export type Rgb = readonly [number, number, number];

const VERTEX = `#version 300 es
in float x;
in float y;
in float code;
in float taken;
uniform vec4 view;
uniform float pass;
uniform float size;
uniform vec3 colours[17];
out vec3 colour;
void main() {
  bool shown = taken == pass && y == y;
  gl_Position = shown ? vec4((x - view.x) / (view.y - view.x) * 2.0 - 1.0, (y - view.z) / (view.w - view.z) * 2.0 - 1.0, 0.0, 1.0) : vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = size;
  colour = colours[int(min(code, 16.0))];
}`;
// `size` is in both shaders, so both must have one precision.
const FRAGMENT = `#version 300 es
precision highp float;
in vec3 colour;
uniform float alpha;
uniform float size;
out vec4 pixel;
void main() {
  if (size > 3.5 && distance(gl_PointCoord, vec2(0.5)) > 0.5) discard;
  pixel = vec4(colour * alpha, alpha);
}`;
const ATTRIBUTES = ["x", "y", "code", "taken"] as const;
type Attribute = (typeof ATTRIBUTES)[number];

/** Draws points with WebGL 2: four attributes, one draw call for those left out and one for those taken. */
export class PointLayer {
  private readonly gl: WebGL2RenderingContext;
  private program: WebGLProgram | null = null;
  private buffers: Partial<Record<Attribute, WebGLBuffer>> = {};
  private readonly data: Partial<Record<Attribute, Float32Array | Uint8Array>> = {};
  count = 0;

  constructor(private readonly canvas: HTMLCanvasElement) {
    const gl = canvas.getContext("webgl2", { antialias: false, premultipliedAlpha: true, preserveDrawingBuffer: false });
    if (gl === null) throw new Error("no WebGL 2");
    this.gl = gl;
    this.prepare();
  }

  /** Make program and buffers anew, as after a lost context. */
  prepare(): void {
    const { gl } = this;
    const program = gl.createProgram()!;
    for (const [type, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
      const shader = gl.createShader(type)!;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) throw new Error(gl.getProgramInfoLog(program) ?? "the shaders do not link");
    this.program = program;
    this.buffers = {};
    for (const name of ATTRIBUTES) if (this.data[name]) this.upload(name, this.data[name]);
  }

  /** Hand an attribute of all points to the graphics card. */
  upload(name: Attribute, values: Float32Array | Uint8Array): void {
    const { gl } = this;
    this.data[name] = values;
    this.count = values.length;
    const buffer = (this.buffers[name] ??= gl.createBuffer()!);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
  }

  /** Draw what a window holds. */
  draw(view: Window4, colours: readonly Rgb[], size: number, hasSelection: boolean): void {
    const { gl, program } = this;
    if (program === null || gl.isContextLost() || this.count === 0) return;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.useProgram(program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    for (const name of ATTRIBUTES) this.bind(name);
    const place = (name: string) => gl.getUniformLocation(program, name);
    gl.uniform4f(place("view"), ...view);
    gl.uniform1f(place("size"), size);
    gl.uniform3fv(place("colours"), colours.flat());
    for (const pass of hasSelection ? [0, 1] : [1]) {
      gl.uniform1f(place("pass"), pass);
      gl.uniform1f(place("alpha"), pass === 1 ? 0.6 : 0.06);
      gl.drawArrays(gl.POINTS, 0, this.count);
    }
  }

  private bind(name: Attribute): void {
    const { gl } = this;
    const at = gl.getAttribLocation(this.program!, name);
    const values = this.data[name];
    if (at < 0 || !values) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name]!);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, 1, values instanceof Uint8Array ? gl.UNSIGNED_BYTE : gl.FLOAT, false, 0, 0);
  }

  /** Give the context back: a page has few of them. */
  dispose(): void {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
