#!/bin/sh
# node.sh install|remove NODE: labels a node for a DaemonSet and waits until its pod there is ready.
set -eu

case ${1-},$# in
  install,2 | remove,2) ;;
  *)
    echo "usage: $0 install|remove NODE" >&2
    exit 2
    ;;
esac
what=$1
node=${2#node/}

# Prints the pod of the DaemonSet on the node, in the given output format.
pod() {
  kubectl get pod --namespace=criproxy --selector="app=criproxy-$what" \
    --field-selector="spec.nodeName=$node" --output="$1"
}

kubectl label node "$node" --overwrite "crirouter.io/criproxy=$what"
# "kubectl wait" fails while the pod does not exist yet.
seconds=600
until pod 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}' | grep -qx True; do
  seconds=$((seconds - 1))
  if [ "$seconds" = 0 ]; then
    echo "$node is not ready after ten minutes; the log of its pod:" >&2
    kubectl logs --namespace=criproxy "$(pod name)" --container="$what" --tail=50 >&2
    exit 1
  fi
  sleep 1
done
if [ "$what" = remove ]; then
  kubectl label node "$node" crirouter.io/criproxy-
fi
