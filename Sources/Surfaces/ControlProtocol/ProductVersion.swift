/// The version that the command line, the server and every record name.
package enum ProductVersion {
    package static let current = "0.1.0"
}
