// How ag-grid writes numbers (the counterpart of viewer/number_format.py for table cells).
window.dashAgGridFunctions = Object.assign({}, window.dashAgGridFunctions, {
  fixed: (value, digits) => (typeof value === "number" ? value.toFixed(digits) : "–"),
  signed: (value, digits) => {
    if (typeof value !== "number") return "–";
    const text = Math.abs(value).toFixed(digits);
    return Number(text) === 0 ? text : `${value < 0 ? "−" : "+"}${text}`;
  },
});
