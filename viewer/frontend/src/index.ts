import "regenerator-runtime/runtime"; // dash_core_components asks for it, and of Dash's polyfills for nothing else

import { Address } from "./Address";
import { FragmentAtlas } from "./atlas/FragmentAtlas";
import { CaseStage } from "./CaseStage";
import { Markup } from "./Markup";

// Dash finds a component as window[_namespace][_type]
(window as unknown as Record<string, unknown>)["viewer"] = { Address, CaseStage, FragmentAtlas, Markup };
