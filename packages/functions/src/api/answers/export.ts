import { ExportLine } from "@on-record/core/log/export-line";
import type { ExportPage as PageShape } from "@on-record/core/queries/export";
import * as z from "zod";
import { taking } from "./common.ts";

export const ExportPage = taking<Omit<PageShape, "next">>()(
  z.strictObject({ lines: z.array(ExportLine), size: z.int().min(0) }),
);
