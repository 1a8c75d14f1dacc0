// The charts' plotly.js with the kinds of trace that `viewer/charts.py` draws and no other: the full build takes six times as long to start.
import Plotly from "plotly.js/lib/core";
import box from "plotly.js/lib/box";
import heatmap from "plotly.js/lib/heatmap";

Plotly.register([box, heatmap]); // scatter is part of the core
window.Plotly = Plotly;
