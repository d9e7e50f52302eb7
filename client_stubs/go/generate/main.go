// Command generate writes the Go code of Outrigger's protos anew. It needs no
// protoc: the protos are compiled by protocompile, and handed to the plugins
// protoc-gen-go and protoc-gen-go-grpc, all of the versions in this module's
// go.mod. So the same protos give the same bytes on every machine.
//
//	generate -protos ../../../proto -plugins DIR -out ..
//
// -plugins is a folder that has the two plugins built.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/linker"
	"github.com/bufbuild/protocompile/protoutil"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

// All generated code lives below this import path, as the protos' go_package
// says.
const modulePath = "github.com/outrigger/outrigger/client_stubs/go"

var plugins = []string{"protoc-gen-go", "protoc-gen-go-grpc"}

func main() {
	log.SetFlags(0)
	protos := flag.String("protos", "", "the folder that has outrigger/*/v1/*.proto")
	built := flag.String("plugins", "", "the folder that has the plugins")
	out := flag.String("out", "", "the folder of the module "+modulePath)
	flag.Parse()
	if err := run(*protos, *built, *out); err != nil {
		log.Fatal("generate: ", err)
	}
}

func run(protos, built, out string) error {
	names, err := protoNames(protos)
	if err != nil {
		return err
	}
	request, err := compile(protos, names)
	if err != nil {
		return err
	}
	for _, plugin := range plugins {
		if err := generate(filepath.Join(built, plugin), request, out); err != nil {
			return fmt.Errorf("%s: %w", plugin, err)
		}
	}
	return nil
}

// protoNames finds the protos below the folder, sorted.
func protoNames(folder string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(filepath.Join(folder, "outrigger"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".proto") {
			return err
		}
		name, err := filepath.Rel(folder, path)
		names = append(names, filepath.ToSlash(name))
		return err
	})
	sort.Strings(names)
	return names, err
}

func compile(folder string, names []string) (*pluginpb.CodeGeneratorRequest, error) {
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: []string{folder}}),
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	files, err := compiler.Compile(context.Background(), names...)
	if err != nil {
		return nil, err
	}
	request := &pluginpb.CodeGeneratorRequest{
		FileToGenerate: names,
		Parameter:      proto.String("module=" + modulePath),
	}
	seen := map[string]bool{}
	for _, file := range files {
		addWithImports(file, files, seen, request)
	}
	return request, nil
}

// addWithImports adds the file after all that it imports, as plugins expect.
func addWithImports(file protoreflect.FileDescriptor, files linker.Files, seen map[string]bool, request *pluginpb.CodeGeneratorRequest) {
	if seen[file.Path()] {
		return
	}
	seen[file.Path()] = true
	imports := file.Imports()
	for i := range imports.Len() {
		addWithImports(imports.Get(i).FileDescriptor, files, seen, request)
	}
	described := proto.Clone(protoutil.ProtoFromFileDescriptor(file)).(*descriptorpb.FileDescriptorProto)
	request.ProtoFile = append(request.ProtoFile, described)
}

func generate(plugin string, request *pluginpb.CodeGeneratorRequest, out string) error {
	input, err := proto.MarshalOptions{Deterministic: true}.Marshal(request)
	if err != nil {
		return err
	}
	command := exec.Command(plugin)
	command.Stdin = bytes.NewReader(input)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return err
	}
	var response pluginpb.CodeGeneratorResponse
	if err := proto.Unmarshal(output, &response); err != nil {
		return err
	}
	if response.Error != nil {
		return errors.New(response.GetError())
	}
	for _, file := range response.File {
		path := filepath.Join(out, filepath.FromSlash(file.GetName()))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(file.GetContent()), 0o644); err != nil {
			return err
		}
	}
	return nil
}
