/** Rate limits: may this request proceed now, and if not, when? */
package io.outrigger.client.limits;
