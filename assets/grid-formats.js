// How ag-grid writes numbers (the counterpart of viewer/number_format.py for table cells).
window.dashAgGridFunctions = Object.assign({}, window.dashAgGridFunctions, {
  fixed: (value, digits) => (typeof value === "number" ? value.toFixed(digits) : "–"),
  signed: (value, digits) =>
    typeof value === "number" ? `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}` : "–",
});
