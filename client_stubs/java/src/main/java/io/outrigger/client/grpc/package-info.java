/** Rate limits for gRPC servers, and breakers for gRPC clients. */
package io.outrigger.client.grpc;
