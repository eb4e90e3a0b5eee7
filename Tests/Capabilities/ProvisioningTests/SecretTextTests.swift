import Testing

@testable import Provisioning

@Suite("What looks like a secret") struct SecretTextTests {
    @Test(
        "is known by its name",
        arguments: [
            "id_rsa", "certs/server.pem", "a/b/credentials.json", "secrets.yaml", ".netrc", "app.keystore",
            "config/master.key", "SECRET", "aws_credentials",
        ])
    func names(_ path: String) {
        #expect(SecretText.judge(path: path, text: "anything") == .secret)
        #expect(SecretText.judge(path: path, text: nil) == .secret)
    }

    @Test("keeps in an environment file its names, and of its values only what plainly is none")
    func environmentFile() {
        let text = """
            # for development
            PORT=3000
            DEBUG=true
            PIN=1234
            export API_KEY="abc def"
            DATABASE_URL=postgres://me:pw@localhost/db
            EMPTY=
            NAME='somebody'

            """
        #expect(
            SecretText.judge(path: ".env", text: text)
                == .replaced(
                    """
                    # for development
                    PORT=3000
                    DEBUG=true
                    PIN=graftwork-placeholder-pin
                    export API_KEY=graftwork-placeholder-api_key
                    DATABASE_URL=graftwork-placeholder-database_url
                    EMPTY=
                    NAME=graftwork-placeholder-name

                    """))
        #expect(SecretText.judge(path: "a/.env.local", text: "A=1\n") == .harmless)
    }

    @Test("of a value of many lines, a comment with a key, or a file too large to read, nothing is copied")
    func notSeparable() {
        #expect(SecretText.judge(path: ".env", text: "KEY=\"-----BEGIN\nabc\n-----END\"\n") == .secret)
        #expect(SecretText.judge(path: ".env", text: "KEY=\"first\nsecond=x\"\n") == .secret)
        #expect(SecretText.judge(path: ".env", text: "# old: ghp_0123456789abcdefghij\nA=1\n") == .secret)
        #expect(SecretText.judge(path: ".env.production", text: nil) == .secret)
    }

    @Test("is known by its text, whatever the file is called")
    func texts() {
        #expect(
            SecretText.judge(
                path: ".npmrc",
                text:
                    "registry=https://npm.example.org\n//npm.example.org/:_authToken=npm_0123456789abcdefgh\n"
            )
                == .replaced(
                    "registry=https://npm.example.org\n"
                        + "//npm.example.org/:_authToken=graftwork-placeholder-npmexampleorg_authtoken\n"
                ))
        #expect(
            SecretText.judge(path: "conf.json", text: "{ \"k\": \"sk-ant-0123456789abcdef\" }") == .secret)
        #expect(SecretText.judge(path: "key.txt", text: "-----BEGIN OPENSSH PRIVATE KEY-----\n") == .secret)
        #expect(
            SecretText.judge(path: "a.ini", text: "url = https://me:hunter2@example.com/x\n") != .harmless)
    }

    @Test(
        "is a password or a key in YAML and JSON, and such a file is left out",
        arguments: [
            "password: S3cretPassw0rd99", "  db_password: 'P@ssw0rd!2024x'  # the real one",
            "- { name: api, client_secret: ab12cd34ef56 }", "{\"client_secret\": \"ab12cd34ef56\"}",
            "\"apiKey\" : \"3f2b8c9e1d2a4b5c\",", "{\"a\":1,\"token\":\"ab12cd34ef56\",\"b\":2}",
            "access-token: \"c2VjcmV0cGFzc3dvcmQ5OQ==\"", "password: c2VjcmV0cGFzc3dvcmQ5OQ==",
            "# old password: S3cretPassw0rd99", "auth: { cookie: '9a8b7c6d5e4f' }",
            "passphrase: correct1horse", "environment: API_KEY=ab12cd34ef567",
            "{ \"password\": \"with \\\"1quote\\\"inside\" , \"token\": \"ab12cd34ef56\" }",
        ])
    func mappings(_ line: String) {
        #expect(SecretText.judge(path: "config/local.yml", text: "port: 80\n\(line)\nname: x\n") == .secret)
    }

    @Test(
        "is not an ordinary line of a configuration, though its name holds such a word",
        arguments: [
            "key: node-modules-v12-linux", "cache_key: v1-dependencies-2024", "author: jane.doe1980",
            "auth_url: https://auth0.example.com/oauth2", "password: ${DB_PASSWORD_2024}",
            "secretName: my-app-tls-2024", "token: \"{{ lookup 'env' 'TOKEN1' }}\"",
            "keystore_path: config/keystore2024x.jks", "tokenizer: cl100k_base", "password: changeme",
            "token_limit: 200000", "private: true", "private_network: 192.168.100.200/24",
            "const authToken: Promise<Uint8Array> = later()", "\"keywords\": [\"http2\", \"oauth2\"],",
            "\"keyboard\": \"qwerty-iso105\",", "\"integrity\": \"sha512-9a8b7c6d5e4f3a2b1c0d\",",
            "secret_file: /run/secrets/db1password", "salt_rounds: 12", "primaryKey: id",
            "time: 2024-01-01T00:00:00Z", "key: \"Control+Shift+F12\"",
        ])
    func ordinary(_ line: String) {
        #expect(SecretText.judge(path: "config/local.yml", text: "port: 80\n\(line)\n") == .harmless)
    }

    @Test(
        "is not what only resembles one",
        arguments: [
            "node_modules/x/index.js", "config.yaml", "Makefile", "keyboard.ts", "tokenizer.py",
        ])
    func harmless(_ path: String) {
        let text = "const eyes = 'blue'\nkey = monkey\nurl = https://example.com/a?b=c\nname: sk\n"
        #expect(SecretText.judge(path: path, text: text) == .harmless)
    }
}
