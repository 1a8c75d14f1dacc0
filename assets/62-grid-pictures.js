// The table's cell of a patient: the id, and a small picture of the ground truth where there are volumes.
(() => {
  "use strict";

  const { createElement, Fragment } = window.React;

  // The grid makes cells only for rows in sight, so no other picture is asked for. The id says who it is.
  const picture = (patient) =>
    createElement("img", {
      className: "patient-picture",
      src: `/thumbnail/${encodeURIComponent(patient)}.png`,
      alt: "",
      width: 32,
      height: 24,
      decoding: "async",
      onError: (event) => event.currentTarget.classList.add("patient-picture-none"),
    });

  const PatientCell = ({ data }) => {
    if (!data) return createElement("span", { className: "patient-awaited" }, "Loading …");
    const isWhole = !data.note; // a note says that volumes or results are missing
    return createElement(Fragment, null, isWhole ? picture(data.patient) : null, data.patient);
  };

  window.dashAgGridComponentFunctions = Object.assign({}, window.dashAgGridComponentFunctions, { PatientCell });
})();
