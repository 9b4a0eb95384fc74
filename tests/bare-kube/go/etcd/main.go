// The store of a Kubernetes. Its own module cannot be installed by version, because it replaces
// others; the server it is made of can be imported.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
