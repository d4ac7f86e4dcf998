#!/bin/sh
# node.sh install|remove NODE: lets a DaemonSet work on one node, and waits until it is done there.
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

# Its pod on the node, printed as the arguments say.
pod() {
  kubectl get pod --namespace=criproxy --selector="app=criproxy-$what" \
    --field-selector="spec.nodeName=$node" --output="$1"
}

kubectl label node "$node" --overwrite "crirouter.io/criproxy=$what"
# The pod is not there at once, so "kubectl wait" would find nothing to wait for.
seconds=600
until pod 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}' | grep -qx True; do
  seconds=$((seconds - 1))
  if [ "$seconds" = 0 ]; then
    echo "$node is not done after ten minutes; what its pod says:" >&2
    kubectl logs --namespace=criproxy "$(pod name)" --container="$what" --tail=50 >&2
    exit 1
  fi
  sleep 1
done
if [ "$what" = remove ]; then
  kubectl label node "$node" crirouter.io/criproxy-
fi
