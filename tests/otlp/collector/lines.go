package main

import (
	"context"
	"os"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// linesConfig says where the lines go: to the file of that path.
type linesConfig struct {
	Path string `mapstructure:"path"`
}

// lines appends each request to its file, as one line of OTLP's JSON. Safe for
// use by many goroutines.
type lines struct {
	component.StartFunc
	component.ShutdownFunc
	mutex sync.Mutex
	path  string
}

func (l *lines) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

func (l *lines) write(line []byte, err error) error {
	if err != nil {
		return err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	file, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = file.Write(append(line, '\n'))
	return err
}

func (l *lines) ConsumeTraces(_ context.Context, traces ptrace.Traces) error {
	return l.write((&ptrace.JSONMarshaler{}).MarshalTraces(traces))
}

func (l *lines) ConsumeMetrics(_ context.Context, metrics pmetric.Metrics) error {
	return l.write((&pmetric.JSONMarshaler{}).MarshalMetrics(metrics))
}

func (l *lines) ConsumeLogs(_ context.Context, logs plog.Logs) error {
	return l.write((&plog.JSONMarshaler{}).MarshalLogs(logs))
}

func newLines(config component.Config) *lines {
	return &lines{path: config.(*linesConfig).Path}
}

func newLinesFactory() exporter.Factory {
	return exporter.NewFactory(
		component.MustNewType("lines"),
		func() component.Config { return &linesConfig{} },
		exporter.WithTraces(func(_ context.Context, _ exporter.Settings, config component.Config) (exporter.Traces, error) {
			return newLines(config), nil
		}, component.StabilityLevelStable),
		exporter.WithMetrics(func(_ context.Context, _ exporter.Settings, config component.Config) (exporter.Metrics, error) {
			return newLines(config), nil
		}, component.StabilityLevelStable),
		exporter.WithLogs(func(_ context.Context, _ exporter.Settings, config component.Config) (exporter.Logs, error) {
			return newLines(config), nil
		}, component.StabilityLevelStable))
}
