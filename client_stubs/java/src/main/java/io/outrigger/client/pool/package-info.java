/** Connection slots with one cap for the whole fleet. */
package io.outrigger.client.pool;
