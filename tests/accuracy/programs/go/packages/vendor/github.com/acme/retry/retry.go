// Package retry calls again what fails.
package retry

//go:noinline
func Do(times int, do func() error) (err error) {
	for ; times > 0; times-- {
		if err = do(); err == nil {
			return nil
		}
	}
	return err
}
