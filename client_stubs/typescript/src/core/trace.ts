import { Metadata } from "@grpc/grpc-js";
import type * as OpenTelemetry from "@opentelemetry/api";

const api = load();

function load(): typeof OpenTelemetry | undefined {
  try {
    return require("@opentelemetry/api") as typeof OpenTelemetry;
  } catch {
    return undefined; // not installed: it is no dependency
  }
}

/** Whether the caller's trace is sampled, so that its calls are worth spans of their own. */
export function isSampled(): boolean {
  const span = api?.trace.getSpanContext(api.context.active());
  return span !== undefined && (span.traceFlags & 1) !== 0;
}

/** The caller's context as traceparent, tracestate and baggage; nothing if there is none. */
export function traceMetadata(): Metadata {
  const metadata = new Metadata();
  if (api === undefined) return metadata;
  const context = api.context.active();
  const span = api.trace.getSpanContext(context);
  if (span !== undefined && api.isSpanContextValid(span)) {
    const flags = (span.traceFlags & 0xff).toString(16).padStart(2, "0");
    metadata.set("traceparent", `00-${span.traceId}-${span.spanId}-${flags}`);
    const state = span.traceState?.serialize();
    if (state) metadata.set("tracestate", state);
  }
  const baggage = api.propagation.getBaggage(context);
  if (baggage !== undefined) setBaggage(metadata, baggage);
  return metadata;
}

// As W3C's Baggage has it: values percent-encoded, at most 64 entries and 8,192 bytes.
function setBaggage(metadata: Metadata, baggage: OpenTelemetry.Baggage): void {
  let header = "";
  let left = 64;
  for (const [name, entry] of baggage.getAllEntries()) {
    const properties = entry.metadata === undefined ? "" : `;${entry.metadata.toString()}`;
    const item = `${encodeURIComponent(name)}=${encodeURIComponent(entry.value)}${properties}`;
    const longer = header === "" ? item : `${header},${item}`;
    if (left-- <= 0 || longer.length > 8192) break;
    header = longer;
  }
  // What a header cannot hold would fail the call.
  if (/^[\x20-\x7e]+$/.test(header)) metadata.set("baggage", header);
}
