/// Rows of google/cel-spec `tests/simple/testdata` (Apache-2.0, commit 508bd98), one JSON object a line: those that need no
/// protobuf messages. `value` is the expected result in the specification's own form, `error` means that evaluation fails.
enum ConformanceRows {
    static let text = #"""
        {"row": "basic/self_eval_zeroish/self_eval_int_zero", "expr": "0", "value": {"int64Value": "0"}}
        {"row": "basic/self_eval_zeroish/self_eval_uint_zero", "expr": "0u", "value": {"uint64Value": "0"}}
        {"row": "basic/self_eval_zeroish/self_eval_uint_alias_zero", "expr": "0U", "value": {"uint64Value": "0"}}
        {"row": "basic/self_eval_zeroish/self_eval_float_zero", "expr": "0.0", "value": {"doubleValue": 0.0}}
        {"row": "basic/self_eval_zeroish/self_eval_float_zerowithexp", "expr": "0e+0", "value": {"doubleValue": 0.0}}
        {"row": "basic/self_eval_zeroish/self_eval_string_raw_prefix", "expr": "r\"\"", "value": {"stringValue": ""}}
        {"row": "basic/self_eval_zeroish/self_eval_bool_false", "expr": "false", "value": {"boolValue": false}}
        {"row": "basic/self_eval_zeroish/self_eval_null", "expr": "null", "value": {"nullValue": null}}
        {"row": "basic/self_eval_zeroish/self_eval_empty_map", "expr": "{}", "value": {"mapValue": {}}}
        {"row": "basic/self_eval_zeroish/self_eval_string_raw_prefix_triple_double", "expr": "r\"\"\"\"\"\"", "value": {"stringValue": ""}}
        {"row": "basic/self_eval_zeroish/self_eval_string_raw_prefix_triple_single", "expr": "r''''''", "value": {"stringValue": ""}}
        {"row": "basic/self_eval_nonzeroish/self_eval_uint_nonzero", "expr": "123456789u", "value": {"uint64Value": "123456789"}}
        {"row": "basic/self_eval_nonzeroish/self_eval_uint_alias_nonzero", "expr": "123456789U", "value": {"uint64Value": "123456789"}}
        {"row": "basic/self_eval_nonzeroish/self_eval_float_negative_exp", "expr": "-2.3e+1", "value": {"doubleValue": -23.0}}
        {"row": "basic/self_eval_nonzeroish/self_eval_string_escape", "expr": "'\\''", "value": {"stringValue": "'"}}
        {"row": "basic/self_eval_nonzeroish/self_eval_list_singleitem", "expr": "[-1]", "value": {"listValue": {"values": [{"int64Value": "-1"}]}}}
        {"row": "basic/self_eval_nonzeroish/self_eval_bool_true", "expr": "true", "value": {"boolValue": true}}
        {"row": "basic/self_eval_nonzeroish/self_eval_int_hex_negative", "expr": "-0x55555555", "value": {"int64Value": "-1431655765"}}
        {"row": "basic/self_eval_nonzeroish/self_eval_uint_alias_hex", "expr": "0x55555555U", "value": {"uint64Value": "1431655765"}}
        {"row": "basic/self_eval_nonzeroish/self_eval_unicode_escape_four", "expr": "\"\\u270c\"", "value": {"stringValue": "\u270c"}}
        {"row": "basic/self_eval_nonzeroish/self_eval_unicode_escape_eight", "expr": "\"\\U0001f431\"", "value": {"stringValue": "\ud83d\udc31"}}
        {"row": "basic/self_eval_nonzeroish/self_eval_ascii_escape_seq", "expr": "\"\\a\\b\\f\\n\\r\\t\\v\\\"\\'\\\\\"", "value": {"stringValue": "\u0007\b\f\n\r\t\u000b\"'\\"}}
        {"row": "basic/functions/binop", "expr": "1 + 1", "value": {"int64Value": "2"}}
        {"row": "basic/functions/unbound", "expr": "f_unknown(17)", "error": true}
        {"row": "basic/reserved_const/false", "expr": "false", "bindings": {"false": {"boolValue": true}}, "value": {"boolValue": false}}
        {"row": "basic/reserved_const/true", "expr": "true", "bindings": {"true": {"boolValue": false}}, "value": {"boolValue": true}}
        {"row": "basic/reserved_const/null", "expr": "null", "bindings": {"null": {"boolValue": true}}, "value": {"nullValue": null}}
        {"row": "bindings_ext/bind/boolean_literal", "expr": "cel.bind(t, true, t)", "value": {"boolValue": true}}
        {"row": "bindings_ext/bind/macro_exists", "expr": "cel.bind(valid_elems, [1, 2, 3], [3, 4, 5].exists(e, e in valid_elems))", "value": {"boolValue": true}}
        {"row": "bindings_ext/bind/macro_not_exists", "expr": "cel.bind(valid_elems, [1, 2, 3], ![4, 5].exists(e, e in valid_elems))", "value": {"boolValue": true}}
        {"row": "comparisons/eq_literal/eq_int", "expr": "1 == 1", "value": {"boolValue": true}}
        {"row": "comparisons/eq_literal/eq_int_uint", "expr": "dyn(1) == 1u", "value": {"boolValue": true}}
        {"row": "comparisons/eq_literal/not_eq_int_double", "expr": "dyn(2) == 1.0", "value": {"boolValue": false}}
        {"row": "comparisons/eq_literal/eq_uint_int", "expr": "dyn(1u) == 1", "value": {"boolValue": true}}
        {"row": "comparisons/eq_literal/eq_uint_double", "expr": "dyn(1u) == 1.0", "value": {"boolValue": true}}
        {"row": "comparisons/eq_literal/not_eq_uint_double", "expr": "dyn(2u) == 1.0", "value": {"boolValue": false}}
        {"row": "comparisons/eq_literal/not_eq_double", "expr": "-1.0 == 1.0", "value": {"boolValue": false}}
        {"row": "comparisons/eq_literal/not_eq_int_double_nan", "expr": "dyn(1) == 0.0/0.0", "value": {"boolValue": false}}
        {"row": "comparisons/eq_literal/not_eq_double_int", "expr": "dyn(2.0) == 1", "value": {"boolValue": false}}
        {"row": "comparisons/eq_literal/eq_double_uint", "expr": "dyn(1.0) == 1u", "value": {"boolValue": true}}
        {"row": "comparisons/eq_literal/eq_string", "expr": "'' == \"\"", "value": {"boolValue": true}}
        {"row": "comparisons/eq_literal/not_eq_string", "expr": "'a' == 'b'", "value": {"boolValue": false}}
        {"row": "comparisons/eq_literal/eq_string_unicode", "expr": "'\u03af\u03c3\u03bf\u03c2' == '\u03af\u03c3\u03bf\u03c2'", "value": {"boolValue": true}}
        {"row": "comparisons/eq_literal/not_eq_string_unicode_ascii", "expr": "'a' == '\u00e0'", "value": {"boolValue": false}}
        {"row": "comparisons/eq_literal/not_eq_bool", "expr": "false == true", "value": {"boolValue": false}}
        {"row": "comparisons/eq_literal/eq_bytes", "expr": "b'\u00ff' == b'\\303\\277'", "value": {"boolValue": true}}
        {"row": "comparisons/eq_literal/eq_list_empty", "expr": "[] == []", "value": {"boolValue": true}}
        {"row": "comparisons/eq_literal/eq_list_null", "expr": "[null] == [null]", "value": {"boolValue": true}}
        {"row": "comparisons/eq_literal/not_eq_list_null", "expr": "['1', '2', null] == ['1', '2', '3']", "value": {"boolValue": false}}
        {"row": "comparisons/eq_literal/not_eq_list_order", "expr": "[1, 2, 3] == [1, 3, 2]", "value": {"boolValue": false}}
        {"row": "comparisons/eq_literal/eq_map_null", "expr": "{'k': null} == {'k': null}", "value": {"boolValue": true}}
        {"row": "comparisons/eq_literal/eq_map_double_value", "expr": "{'k':1.0} == {'k':1e+0}", "value": {"boolValue": true}}
        {"row": "comparisons/eq_literal/not_eq_map_key_casing", "expr": "{'key':'value'} == {'Key':'value'}", "value": {"boolValue": false}}
        {"row": "comparisons/eq_literal/eq_mixed_types", "expr": "1.0 == 1", "value": {"boolValue": true}}
        {"row": "comparisons/eq_literal/eq_list_elem_mixed_types", "expr": "[1] == [1.0]", "value": {"boolValue": true}}
        {"row": "comparisons/eq_literal/eq_map_value_mixed_types", "expr": "{'k':'v', 1:1} == {'k':'v', 1:'v1'}", "value": {"boolValue": false}}
        {"row": "comparisons/eq_literal/not_eq_dyn_bool_null", "expr": "dyn(false) == null", "value": {"boolValue": false}}
        {"row": "comparisons/eq_literal/not_eq_dyn_int_null", "expr": "dyn(1) == null", "value": {"boolValue": false}}
        {"row": "comparisons/eq_literal/not_eq_dyn_list_null", "expr": "dyn([]) == null", "value": {"boolValue": false}}
        {"row": "comparisons/eq_literal/not_eq_map_value_null", "expr": "{1:'hello', 2:'world'} == {1:'goodbye', 2:null}", "value": {"boolValue": false}}
        {"row": "comparisons/eq_literal/eq_dyn_int_uint", "expr": "dyn(1) == 1u", "value": {"boolValue": true}}
        {"row": "comparisons/eq_literal/eq_dyn_double_int", "expr": "dyn(1.0) == 1", "value": {"boolValue": true}}
        {"row": "comparisons/eq_literal/eq_dyn_double_uint", "expr": "dyn(1.0) == 1u", "value": {"boolValue": true}}
        {"row": "comparisons/eq_literal/not_eq_dyn_int_double", "expr": "dyn(1) == 2.0", "value": {"boolValue": false}}
        {"row": "comparisons/eq_literal/not_eq_dyn_double_int", "expr": "dyn(1.0) == 2", "value": {"boolValue": false}}
        {"row": "comparisons/eq_literal/not_eq_dyn_double_uint", "expr": "dyn(1.0) == 2u", "value": {"boolValue": false}}
        {"row": "comparisons/ne_literal/ne_int", "expr": "24 != 42", "value": {"boolValue": true}}
        {"row": "comparisons/ne_literal/ne_int_double", "expr": "dyn(24) != 24.1", "value": {"boolValue": true}}
        {"row": "comparisons/ne_literal/not_ne_int_uint", "expr": "dyn(1) != 1u", "value": {"boolValue": false}}
        {"row": "comparisons/ne_literal/ne_uint", "expr": "1u != 2u", "value": {"boolValue": true}}
        {"row": "comparisons/ne_literal/ne_double", "expr": "9.0e+3 != 9001.0", "value": {"boolValue": true}}
        {"row": "comparisons/ne_literal/not_ne_int_double_nan", "expr": "dyn(1) != 0.0/0.0", "value": {"boolValue": true}}
        {"row": "comparisons/ne_literal/not_ne_uint_double_nan", "expr": "dyn(1u) != 0.0/0.0", "value": {"boolValue": true}}
        {"row": "comparisons/ne_literal/not_ne_double", "expr": "1.0 != 1e+0", "value": {"boolValue": false}}
        {"row": "comparisons/ne_literal/ne_double_int", "expr": "dyn(9000) != 9001.0", "value": {"boolValue": true}}
        {"row": "comparisons/ne_literal/not_ne_double_int", "expr": "dyn(1) != 1e+0", "value": {"boolValue": false}}
        {"row": "comparisons/ne_literal/ne_double_uint", "expr": "dyn(9000u) != 9001.0", "value": {"boolValue": true}}
        {"row": "comparisons/ne_literal/ne_double_nan", "expr": "0.0/0.0 != 0.0/0.0", "value": {"boolValue": true}}
        {"row": "comparisons/ne_literal/not_ne_string_unicode", "expr": "'\u03af\u03b4\u03b9\u03bf' != '\u03af\u03b4\u03b9\u03bf'", "value": {"boolValue": false}}
        {"row": "comparisons/ne_literal/ne_bytes", "expr": "b'\\x00\\xFF' != b'\u00ff'", "value": {"boolValue": true}}
        {"row": "comparisons/ne_literal/ne_list_empty", "expr": "[] != [1]", "value": {"boolValue": true}}
        {"row": "comparisons/ne_literal/ne_map_by_key", "expr": "{'k':true} != {'k1':true}", "value": {"boolValue": true}}
        {"row": "comparisons/lt_literal/not_lt_int", "expr": "0 < 0", "value": {"boolValue": false}}
        {"row": "comparisons/lt_literal/lt_uint", "expr": "0u < 1u", "value": {"boolValue": true}}
        {"row": "comparisons/lt_literal/not_lt_uint", "expr": "2u < 2u", "value": {"boolValue": false}}
        {"row": "comparisons/lt_literal/not_lt_double", "expr": "-0.0 < 0.0", "value": {"boolValue": false}}
        {"row": "comparisons/lt_literal/lt_string", "expr": "'a' < 'b'", "value": {"boolValue": true}}
        {"row": "comparisons/lt_literal/lt_string_case", "expr": "'Abc' < 'aBC'", "value": {"boolValue": true}}
        {"row": "comparisons/lt_literal/not_lt_string_empty", "expr": "'' < ''", "value": {"boolValue": false}}
        {"row": "comparisons/lt_literal/unicode_order_lexical", "expr": "'f' < '\\u1EBF'", "value": {"boolValue": true}}
        {"row": "comparisons/lt_literal/not_lt_bytes_width", "expr": "b'\u00e1' < b'b'", "value": {"boolValue": false}}
        {"row": "comparisons/lt_literal/lt_bool_false_first", "expr": "false < true", "value": {"boolValue": true}}
        {"row": "comparisons/lt_literal/not_lt_bool_same", "expr": "true < true", "value": {"boolValue": false}}
        {"row": "comparisons/lt_literal/lt_mixed_types_error", "expr": "'foo' < 1024", "error": true}
        {"row": "comparisons/lt_literal/lt_dyn_int_double", "expr": "dyn(1) < 2.0", "value": {"boolValue": true}}
        {"row": "comparisons/lt_literal/lt_dyn_uint_double", "expr": "dyn(1u) < 2.0", "value": {"boolValue": true}}
        {"row": "comparisons/lt_literal/lt_dyn_double_uint", "expr": "dyn(1.0) < 2u", "value": {"boolValue": true}}
        {"row": "comparisons/lt_literal/not_lt_dyn_int_double", "expr": "dyn(1) < 1.0", "value": {"boolValue": false}}
        {"row": "comparisons/lt_literal/lt_dyn_small_int_uint", "expr": "dyn(-1) < 0u", "value": {"boolValue": true}}
        {"row": "comparisons/lt_literal/lt_dyn_int_big_lossy_double", "expr": "dyn(9223372036854775807) < 9223372036854777857.0", "value": {"boolValue": true}}
        {"row": "comparisons/lt_literal/not_lt_dyn_int_small_double", "expr": "dyn(9223372036854775807) < -9223372036854777857.0", "value": {"boolValue": false}}
        {"row": "comparisons/lt_literal/not_lt_dyn_uint_small_int", "expr": "dyn(1u) < -9223372036854775808", "value": {"boolValue": false}}
        {"row": "comparisons/lt_literal/not_lt_dyn_uint_small_double", "expr": "dyn(18446744073709551615u) < -1.0", "value": {"boolValue": false}}
        {"row": "comparisons/gt_literal/gt_int", "expr": "42 > -42", "value": {"boolValue": true}}
        {"row": "comparisons/gt_literal/gt_uint", "expr": "48u > 46u", "value": {"boolValue": true}}
        {"row": "comparisons/gt_literal/not_gt_uint", "expr": "0u > 999u", "value": {"boolValue": false}}
        {"row": "comparisons/gt_literal/gt_double", "expr": "1e+1 > 1e+0", "value": {"boolValue": true}}
        {"row": "comparisons/gt_literal/gt_string_to_empty", "expr": "'A' > ''", "value": {"boolValue": true}}
        {"row": "comparisons/gt_literal/not_gt_string_empty_to_empty", "expr": "'' > ''", "value": {"boolValue": false}}
        {"row": "comparisons/gt_literal/gt_bytes_one", "expr": "b'\u0001' > b'\u0000'", "value": {"boolValue": true}}
        {"row": "comparisons/gt_literal/gt_bytes_one_to_empty", "expr": "b'\u0000' > b''", "value": {"boolValue": true}}
        {"row": "comparisons/gt_literal/not_gt_bytes_sorting", "expr": "b'\u0000\u0001' > b'\u0001'", "value": {"boolValue": false}}
        {"row": "comparisons/gt_literal/not_gt_bool_false_true", "expr": "false > true", "value": {"boolValue": false}}
        {"row": "comparisons/gt_literal/not_gt_bool_same", "expr": "true > true", "value": {"boolValue": false}}
        {"row": "comparisons/gt_literal/gt_null_unsupported", "expr": "null > null", "error": true}
        {"row": "comparisons/gt_literal/gt_list_unsupported", "expr": "[1] > [0]", "error": true}
        {"row": "comparisons/gt_literal/gt_map_unsupported", "expr": "{1:'b'} > {0:'a'}", "error": true}
        {"row": "comparisons/gt_literal/gt_mixed_types_error", "expr": "'foo' > 1024", "error": true}
        {"row": "comparisons/gt_literal/gt_dyn_int_uint", "expr": "dyn(2) > 1u", "value": {"boolValue": true}}
        {"row": "comparisons/gt_literal/gt_dyn_int_double", "expr": "dyn(2) > 1.0", "value": {"boolValue": true}}
        {"row": "comparisons/gt_literal/gt_dyn_uint_double", "expr": "dyn(2u) > 1.0", "value": {"boolValue": true}}
        {"row": "comparisons/gt_literal/gt_dyn_double_int", "expr": "dyn(2.0) > 1", "value": {"boolValue": true}}
        {"row": "comparisons/gt_literal/gt_dyn_double_uint", "expr": "dyn(2.0) > 1u", "value": {"boolValue": true}}
        {"row": "comparisons/gt_literal/not_gt_dyn_int_uint", "expr": "dyn(1) > 1u", "value": {"boolValue": false}}
        {"row": "comparisons/gt_literal/not_gt_dyn_uint_double", "expr": "dyn(1u) > 1.0", "value": {"boolValue": false}}
        {"row": "comparisons/gt_literal/not_gt_dyn_double_int", "expr": "dyn(1.0) > 1", "value": {"boolValue": false}}
        {"row": "comparisons/gt_literal/not_gt_dyn_int_big_uint", "expr": "dyn(1) > 9223372036854775808u", "value": {"boolValue": false}}
        {"row": "comparisons/gt_literal/not_gt_dyn_int_small_lossy_double", "expr": "dyn(-9223372036854775808) > -9223372036854775809.0", "value": {"boolValue": false}}
        {"row": "comparisons/gt_literal/gt_dyn_int_small_lossy_double_greater", "expr": "dyn(-9223372036854775808) > -9223372036854777857.0", "value": {"boolValue": true}}
        {"row": "comparisons/gt_literal/gt_dyn_uint_small_int", "expr": "dyn(1u) > -1", "value": {"boolValue": true}}
        {"row": "comparisons/gt_literal/gt_dyn_big_uint_int", "expr": "dyn(9223372036854775808u) > 1", "value": {"boolValue": true}}
        {"row": "comparisons/gt_literal/gt_dyn_uint_small_double", "expr": "dyn(9223372036854775807u) > -1.0", "value": {"boolValue": true}}
        {"row": "comparisons/gt_literal/not_gt_dyn_uint_big_double", "expr": "dyn(18446744073709551615u) > 18446744073709590000.0", "value": {"boolValue": false}}
        {"row": "comparisons/gt_literal/gt_dyn_big_double_uint", "expr": "dyn(18446744073709553665.0) > 18446744073709551615u", "value": {"boolValue": true}}
        {"row": "comparisons/gt_literal/not_gt_dyn_big_double_int", "expr": "dyn(9223372036854775808.0) > 9223372036854775807", "value": {"boolValue": false}}
        {"row": "comparisons/lte_literal/lte_int_lt", "expr": "0 <= 1", "value": {"boolValue": true}}
        {"row": "comparisons/lte_literal/lte_uint_eq", "expr": "1u <= 1u", "value": {"boolValue": true}}
        {"row": "comparisons/lte_literal/lte_double_lt", "expr": "0.0 <= 0.1e-31", "value": {"boolValue": true}}
        {"row": "comparisons/lte_literal/lte_double_eq", "expr": "0.0 <= 0e-1", "value": {"boolValue": true}}
        {"row": "comparisons/lte_literal/not_lte_double_gt", "expr": "1.0 <= 0.99", "value": {"boolValue": false}}
        {"row": "comparisons/lte_literal/lte_string_lexicographical", "expr": "'aBc' <= 'abc'", "value": {"boolValue": true}}
        {"row": "comparisons/lte_literal/not_lte_string_unicode", "expr": "'\u03b1' <= 'a'", "value": {"boolValue": false}}
        {"row": "comparisons/lte_literal/lte_bytes_empty", "expr": "b'' <= b'\u0000'", "value": {"boolValue": true}}
        {"row": "comparisons/lte_literal/not_lte_bytes_length", "expr": "b'\u0001\u0000' <= b'\u0001'", "value": {"boolValue": false}}
        {"row": "comparisons/lte_literal/lte_bool_false_true", "expr": "false <= true", "value": {"boolValue": true}}
        {"row": "comparisons/lte_literal/lte_bool_true_false", "expr": "true <= false", "value": {"boolValue": false}}
        {"row": "comparisons/lte_literal/lte_null_unsupported", "expr": "null <= null", "error": true}
        {"row": "comparisons/lte_literal/lte_list_unsupported", "expr": "[0] <= [0]", "error": true}
        {"row": "comparisons/lte_literal/lte_dyn_int_uint", "expr": "dyn(1) <= 2u", "value": {"boolValue": true}}
        {"row": "comparisons/lte_literal/lte_dyn_uint_int", "expr": "dyn(1u) <= 2", "value": {"boolValue": true}}
        {"row": "comparisons/lte_literal/lte_dyn_double_int", "expr": "dyn(1.0) <= 2", "value": {"boolValue": true}}
        {"row": "comparisons/lte_literal/lte_dyn_double_uint", "expr": "dyn(1.0) <= 2u", "value": {"boolValue": true}}
        {"row": "comparisons/lte_literal/not_lte_dyn_uint_double", "expr": "dyn(2u) <= 1.0", "value": {"boolValue": false}}
        {"row": "comparisons/lte_literal/lte_dyn_small_int_uint", "expr": "dyn(-1) <= 0u", "value": {"boolValue": true}}
        {"row": "comparisons/lte_literal/not_lte_dyn_int_small_lossy_double_less", "expr": "dyn(-9223372036854775808) <= -9223372036854777857.0", "value": {"boolValue": false}}
        {"row": "comparisons/lte_literal/not_lte_dyn_uint_small_double", "expr": "dyn(18446744073709551615u) <= -1.0", "value": {"boolValue": false}}
        {"row": "comparisons/lte_literal/lte_dyn_uint_big_double", "expr": "dyn(18446744073709551615u) <= 18446744073709590000.0", "value": {"boolValue": true}}
        {"row": "comparisons/lte_literal/not_lte_dyn_big_double_uint", "expr": "dyn(18446744073709553665.0) <= 18446744073709551615u", "value": {"boolValue": false}}
        {"row": "comparisons/gte_literal/gte_int_gt", "expr": "0 >= -1", "value": {"boolValue": true}}
        {"row": "comparisons/gte_literal/not_gte_int_lt", "expr": "999 >= 1000", "value": {"boolValue": false}}
        {"row": "comparisons/gte_literal/not_gte_uint_lt", "expr": "1u >= 10u", "value": {"boolValue": false}}
        {"row": "comparisons/gte_literal/gte_double_eq", "expr": "9.80665 >= 9.80665e+0", "value": {"boolValue": true}}
        {"row": "comparisons/gte_literal/gte_string_to_empty", "expr": "'a' >= ''", "value": {"boolValue": true}}
        {"row": "comparisons/gte_literal/gte_string_unicode_eq", "expr": "'\u03c4' >= '\u03c4'", "value": {"boolValue": true}}
        {"row": "comparisons/gte_literal/gte_bytes_to_empty", "expr": "b'\u0000' >= b''", "value": {"boolValue": true}}
        {"row": "comparisons/gte_literal/not_gte_bytes_empty_to_nonempty", "expr": "b'' >= b'\u0000'", "value": {"boolValue": false}}
        {"row": "comparisons/gte_literal/gte_bytes_samelength", "expr": "b'\u0000\u0001' >= b'\u0001\u0000'", "value": {"boolValue": false}}
        {"row": "comparisons/gte_literal/gte_bool_eq", "expr": "true >= true", "value": {"boolValue": true}}
        {"row": "comparisons/gte_literal/gte_null_unsupported", "expr": "null >= null", "error": true}
        {"row": "comparisons/gte_literal/gte_list_unsupported", "expr": "['y'] >= ['x']", "error": true}
        {"row": "comparisons/gte_literal/gte_map_unsupported", "expr": "{1:'b'} >= {0:'a'}", "error": true}
        {"row": "comparisons/gte_literal/gte_mixed_types_error", "expr": "'foo' >= 1.0", "error": true}
        {"row": "comparisons/gte_literal/gte_dyn_int_uint", "expr": "dyn(2) >= 1u", "value": {"boolValue": true}}
        {"row": "comparisons/gte_literal/gte_dyn_int_double", "expr": "dyn(2) >= 1.0", "value": {"boolValue": true}}
        {"row": "comparisons/gte_literal/gte_dyn_uint_int", "expr": "dyn(2u) >= 1", "value": {"boolValue": true}}
        {"row": "comparisons/gte_literal/gte_dyn_uint_double", "expr": "dyn(2u) >= 1.0", "value": {"boolValue": true}}
        {"row": "comparisons/gte_literal/not_gte_dyn_int_double", "expr": "dyn(0) >= 1.0", "value": {"boolValue": false}}
        {"row": "comparisons/gte_literal/not_gte_dyn_uint_int", "expr": "dyn(0u) >= 1", "value": {"boolValue": false}}
        {"row": "comparisons/gte_literal/not_gte_dyn_double_int", "expr": "dyn(0.0) >= 1", "value": {"boolValue": false}}
        {"row": "comparisons/gte_literal/gte_dyn_int_big_lossy_double", "expr": "dyn(9223372036854775807) >= 9223372036854775808.0", "value": {"boolValue": true}}
        {"row": "comparisons/gte_literal/gte_dyn_int_small_lossy_double_equal", "expr": "dyn(-9223372036854775808) >= -9223372036854775809.0", "value": {"boolValue": true}}
        {"row": "comparisons/gte_literal/gte_dyn_int_small_lossy_double_greater", "expr": "dyn(-9223372036854775808) >= -9223372036854777857.0", "value": {"boolValue": true}}
        {"row": "comparisons/gte_literal/gte_dyn_uint_small_int", "expr": "dyn(1u) >= -1", "value": {"boolValue": true}}
        {"row": "comparisons/gte_literal/gte_dyn_big_uint_int", "expr": "dyn(9223372036854775808u) >= 1", "value": {"boolValue": true}}
        {"row": "comparisons/in_list_literal/elem_in_list", "expr": "'elem' in ['elem', 'elemA', 'elemB']", "value": {"boolValue": true}}
        {"row": "comparisons/in_list_literal/elem_not_in_list", "expr": "'not' in ['elem1', 'elem2', 'elem3']", "value": {"boolValue": false}}
        {"row": "comparisons/in_list_literal/elem_in_mixed_type_list", "expr": "'elem' in [1, 'elem', 2]", "value": {"boolValue": true}}
        {"row": "comparisons/in_list_literal/elem_in_mixed_type_list_cross_type", "expr": "'elem' in [1u, 'str', 2, b'bytes']", "value": {"boolValue": false}}
        {"row": "comparisons/in_map_literal/key_not_in_map", "expr": "'key' in {'lock':1, 'gate':2}", "value": {"boolValue": false}}
        {"row": "comparisons/in_map_literal/key_in_mixed_key_type_map", "expr": "'key' in {3:3.0, 'key':2u}", "value": {"boolValue": true}}
        {"row": "comparisons/bound/int_lte_right_true", "expr": "123 <= x", "bindings": {"x": {"int64Value": "124"}}, "value": {"boolValue": true}}
        {"row": "comparisons/bound/bool_lt_right_true", "expr": "false < x", "bindings": {"x": {"boolValue": true}}, "value": {"boolValue": true}}
        {"row": "comparisons/bound/double_ne_left_false", "expr": "x != 9.8", "bindings": {"x": {"doubleValue": 9.8}}, "value": {"boolValue": false}}
        {"row": "comparisons/bound/map_ne_right_false", "expr": "{'a':'b','c':'d'} != x", "bindings": {"x": {"mapValue": {"entries": [{"key": {"stringValue": "c"}, "value": {"stringValue": "d"}}, {"key": {"stringValue": "a"}, "value": {"stringValue": "b"}}]}}}, "value": {"boolValue": false}}
        {"row": "comparisons/bound/null_eq_left_true", "expr": "x == null", "bindings": {"x": {"nullValue": null}}, "value": {"boolValue": true}}
        {"row": "comparisons/bound/list_eq_right_false", "expr": "[1, 2] == x", "bindings": {"x": {"listValue": {"values": [{"int64Value": "2"}, {"int64Value": "1"}]}}}, "value": {"boolValue": false}}
        {"row": "comparisons/bound/uint_eq_right_false", "expr": "999u == x", "bindings": {"x": {"uint64Value": "1000"}}, "value": {"boolValue": false}}
        {"row": "comparisons/bound/null_lt_right_no_such_overload", "expr": "null < x", "bindings": {"x": {"nullValue": null}}, "error": true}
        {"row": "conversions/bytes/string_empty", "expr": "bytes('')", "value": {"bytesValue": ""}}
        {"row": "conversions/double/int_max_exact", "expr": "double(9007199254740992)", "value": {"doubleValue": 9007199254740992.0}}
        {"row": "conversions/double/int_range", "expr": "double(9223372036854775807)", "value": {"doubleValue": 9.223372036854776e+18}}
        {"row": "conversions/double/uint_pos", "expr": "double(123u)", "value": {"doubleValue": 123.0}}
        {"row": "conversions/double/uint_max_exact", "expr": "double(9007199254740992u)", "value": {"doubleValue": 9007199254740992.0}}
        {"row": "conversions/double/uint_range", "expr": "double(18446744073709551615u)", "value": {"doubleValue": 1.8446744073709552e+19}}
        {"row": "conversions/double/string_zero", "expr": "double('0')", "value": {"doubleValue": 0.0}}
        {"row": "conversions/double/string_neg_zero", "expr": "double('-0.0')", "value": {"doubleValue": -0.0}}
        {"row": "conversions/double/string_no_dec", "expr": "double('123')", "value": {"doubleValue": 123.0}}
        {"row": "conversions/double/string_exp_pos_pos", "expr": "double('6.02214e23')", "value": {"doubleValue": 6.02214e+23}}
        {"row": "conversions/double/string_exp_neg_pos", "expr": "double('-84.32e7')", "value": {"doubleValue": -843200000.0}}
        {"row": "conversions/dyn/dyn_heterogeneous_list", "expr": "type(dyn([1, 'one']))", "value": {"typeValue": "list"}}
        {"row": "conversions/int/uint", "expr": "int(42u)", "value": {"int64Value": "42"}}
        {"row": "conversions/int/uint_zero", "expr": "int(0u)", "value": {"int64Value": "0"}}
        {"row": "conversions/int/uint_range", "expr": "int(18446744073709551615u)", "error": true}
        {"row": "conversions/int/double_truncate", "expr": "int(1.9)", "value": {"int64Value": "1"}}
        {"row": "conversions/int/double_half_neg", "expr": "int(-3.5)", "value": {"int64Value": "-3"}}
        {"row": "conversions/int/double_big_exact", "expr": "int(double(36028797018963968))", "value": {"int64Value": "36028797018963968"}}
        {"row": "conversions/int/double_int_max_range", "expr": "int(9223372036854775807.0)", "error": true}
        {"row": "conversions/int/double_range", "expr": "int(1e99)", "error": true}
        {"row": "conversions/int/string", "expr": "int('987')", "value": {"int64Value": "987"}}
        {"row": "conversions/string/double_hard", "expr": "string(-4.5e-3)", "value": {"stringValue": "-0.0045"}}
        {"row": "conversions/string/bytes_unicode", "expr": "string(b'\\303\\277')", "value": {"stringValue": "\u00ff"}}
        {"row": "conversions/type/bool_denotation", "expr": "bool", "value": {"typeValue": "bool"}}
        {"row": "conversions/type/dyn_no_denotation", "expr": "dyn", "error": true}
        {"row": "conversions/type/int_denotation", "expr": "int", "value": {"typeValue": "int"}}
        {"row": "conversions/type/uint_denotation", "expr": "uint", "value": {"typeValue": "uint"}}
        {"row": "conversions/type/double_denotation", "expr": "double", "value": {"typeValue": "double"}}
        {"row": "conversions/type/null_type", "expr": "type(null)", "value": {"typeValue": "null_type"}}
        {"row": "conversions/type/string_denotation", "expr": "string", "value": {"typeValue": "string"}}
        {"row": "conversions/type/bytes_denotation", "expr": "bytes", "value": {"typeValue": "bytes"}}
        {"row": "conversions/type/list", "expr": "type([1, 2, 3])", "value": {"typeValue": "list"}}
        {"row": "conversions/type/lists_monomorphic", "expr": "type([1, 2, 3]) == type(['one', 'two', 'three'])", "value": {"boolValue": true}}
        {"row": "conversions/type/map_monomorphic", "expr": "type({'one': 1}) == type({1: 'one'})", "value": {"boolValue": true}}
        {"row": "conversions/type/eq_diff", "expr": "type(7) == type(7u)", "value": {"boolValue": false}}
        {"row": "conversions/type/neq_diff", "expr": "type(0.0) != type(0)", "value": {"boolValue": true}}
        {"row": "conversions/type/meta", "expr": "type(type(7)) == type(type(7u))", "value": {"boolValue": true}}
        {"row": "conversions/uint/int_max", "expr": "uint(9223372036854775807)", "value": {"uint64Value": "9223372036854775807"}}
        {"row": "conversions/uint/double", "expr": "uint(3.14159265)", "value": {"uint64Value": "3"}}
        {"row": "conversions/uint/double_truncate", "expr": "uint(1.9)", "value": {"uint64Value": "1"}}
        {"row": "conversions/uint/double_range_beyond_uint", "expr": "uint(6.022e23)", "error": true}
        {"row": "conversions/bool/string_true_lowercase", "expr": "bool('true')", "value": {"boolValue": true}}
        {"row": "conversions/bool/string_false_pascalcase", "expr": "bool('False')", "value": {"boolValue": false}}
        {"row": "conversions/bool/string_true_badcase", "expr": "bool('TrUe')", "error": true}
        {"row": "conversions/identity/uint", "expr": "uint(1u)", "value": {"uint64Value": "1"}}
        {"row": "conversions/identity/duration", "expr": "duration(duration('100s')) == duration('100s')", "value": {"boolValue": true}}
        {"row": "encoders_ext/encode/hello", "expr": "base64.encode(b'hello')", "value": {"stringValue": "aGVsbG8="}}
        {"row": "encoders_ext/decode/hello_without_padding", "expr": "base64.decode('aGVsbG8')", "value": {"bytesValue": "aGVsbG8="}}
        {"row": "encoders_ext/round_trip/hello", "expr": "base64.decode(base64.encode(b'Hello World!'))", "value": {"bytesValue": "SGVsbG8gV29ybGQh"}}
        {"row": "fields/map_fields/map_key_string", "expr": "{'name':100u}['name']", "value": {"uint64Value": "100"}}
        {"row": "fields/map_fields/map_key_bool", "expr": "{true:5}[true]", "value": {"int64Value": "5"}}
        {"row": "fields/map_fields/map_field_access", "expr": "x.name", "bindings": {"x": {"mapValue": {"entries": [{"key": {"stringValue": "name"}, "value": {"int64Value": "1024"}}]}}}, "value": {"int64Value": "1024"}}
        {"row": "fields/map_fields/map_no_such_key_or_false", "expr": "dyn({0:1,2:2,5:3}[1]) || false", "error": true}
        {"row": "fields/map_fields/map_no_such_key_and_true", "expr": "dyn({0:1,2:2,5:3}[1]) && true", "error": true}
        {"row": "fields/map_fields/map_bad_key_type", "expr": "{0:1,2:2,5:3}[dyn(b'')]", "error": true}
        {"row": "fields/map_fields/map_bad_key_type_or_false", "expr": "dyn({0:1,2:2,5:3}[dyn(b'')]) || false", "error": true}
        {"row": "fields/map_fields/map_field_select_no_such_key_or_false", "expr": "dyn(x.name) || false", "bindings": {"x": {"mapValue": {"entries": [{"key": {"stringValue": "holiday"}, "value": {"stringValue": "field"}}]}}}, "error": true}
        {"row": "fields/map_fields/map_field_select_no_such_key_or_true", "expr": "dyn(x.name) || true", "bindings": {"x": {"mapValue": {"entries": [{"key": {"stringValue": "holiday"}, "value": {"stringValue": "field"}}]}}}, "value": {"boolValue": true}}
        {"row": "fields/map_fields/map_value_bool", "expr": "{27:false}[27]", "value": {"boolValue": false}}
        {"row": "fields/map_fields/map_value_string", "expr": "{'n':'x'}['n']", "value": {"stringValue": "x"}}
        {"row": "fields/map_fields/map_value_float", "expr": "{3:15.15}[3]", "value": {"doubleValue": 15.15}}
        {"row": "fields/map_fields/map_value_uint64", "expr": "{0u:1u,2u:2u,5u:3u}[0u]", "value": {"uint64Value": "1"}}
        {"row": "fields/map_fields/map_value_int64", "expr": "{true:1,false:2}[true]", "value": {"int64Value": "1"}}
        {"row": "fields/map_fields/map_value_bytes", "expr": "{0:b''}[0]", "value": {"bytesValue": ""}}
        {"row": "fields/map_fields/map_value_list", "expr": "{0u:[1]}[0u]", "value": {"listValue": {"values": [{"int64Value": "1"}]}}}
        {"row": "fields/map_fields/map_value_mix_type", "expr": "{'map': {'k': 'v'}, 'list': [1]}['map']", "value": {"mapValue": {"entries": [{"key": {"stringValue": "k"}, "value": {"stringValue": "v"}}]}}}
        {"row": "fields/map_has/has_not", "expr": "has({'a': 1, 'b': 2}.c)", "value": {"boolValue": false}}
        {"row": "fields/map_has/has_empty", "expr": "has({}.a)", "value": {"boolValue": false}}
        {"row": "fields/quoted_map_fields/field_access_slash", "expr": "{'/api/v1': true, '/api/v2': false}.`/api/v1`", "value": {"boolValue": true}}
        {"row": "fields/quoted_map_fields/field_access_dash", "expr": "{'content-type': 'application/json', 'content-length': 145}.`content-type` == 'application/json'", "value": {"boolValue": true}}
        {"row": "fields/quoted_map_fields/has_field_slash", "expr": "has({'/api/v1': true, '/api/v2': false}.`/api/v3`)", "value": {"boolValue": false}}
        {"row": "fields/qualified_identifier_resolution/map_key_null", "expr": "{null:false}[null]", "error": true}
        {"row": "fields/qualified_identifier_resolution/map_value_repeat_key", "expr": "{true:1,false:2,true:3}[true]", "error": true}
        {"row": "fields/qualified_identifier_resolution/map_value_repeat_key_heterogeneous", "expr": "{0: 1, 0u: 2}[0.0]", "error": true}
        {"row": "fields/in/empty", "expr": "7 in {}", "value": {"boolValue": false}}
        {"row": "fields/in/singleton", "expr": "true in {true: 1}", "value": {"boolValue": true}}
        {"row": "fields/in/present", "expr": "'George' in {'John': 'smart', 'Paul': 'cute', 'George': 'quiet', 'Ringo': 'funny'}", "value": {"boolValue": true}}
        {"row": "fields/in/absent", "expr": "'spider' in {'ant': 6, 'fly': 6, 'centipede': 100}", "value": {"boolValue": false}}
        {"row": "fp_math/fp_math/add_positive_positive", "expr": "4.25 + 15.25", "value": {"doubleValue": 19.5}}
        {"row": "fp_math/fp_math/add_positive_negative", "expr": "17.75 + (-7.75)", "value": {"doubleValue": 10.0}}
        {"row": "fp_math/fp_math/add_negative_negative", "expr": "-4.125 + (-2.125)", "value": {"doubleValue": -6.25}}
        {"row": "fp_math/fp_math/multiply_positive_negative", "expr": "40.75 * (-2.25)", "value": {"doubleValue": -91.6875}}
        {"row": "fp_math/fp_math/divide_positive_positive", "expr": "0.0625 / 0.002", "value": {"doubleValue": 31.25}}
        {"row": "fp_math/fp_math/divide_negative_negative", "expr": "-8.875 / (-0.0625)", "value": {"doubleValue": 142.0}}
        {"row": "fp_math/fp_math/mod_not_support", "expr": "47.5 % 5.5", "error": true}
        {"row": "fp_math/fp_math/negative", "expr": "-(4.5)", "value": {"doubleValue": -4.5}}
        {"row": "fp_math/fp_math/double_negative", "expr": "-(-1.25)", "value": {"doubleValue": 1.25}}
        {"row": "fp_math/fp_math/add_right_identity", "expr": " 2.5 + 0.0", "value": {"doubleValue": 2.5}}
        {"row": "fp_math/fp_math/add_associative", "expr": "5.625 + (15.75 + 2.0) == (5.625 + 15.75) + 2.0", "value": {"boolValue": true}}
        {"row": "fp_math/fp_math/mul_left_identity", "expr": "1.0 * 45.25", "value": {"doubleValue": 45.25}}
        {"row": "fp_math/fp_math/mul_right_identity", "expr": "-25.25 * 1.0", "value": {"doubleValue": -25.25}}
        {"row": "fp_math/fp_math/fp_overflow_positive", "expr": "2.0 * 8.988466e+307 ", "value": {"doubleValue": "Infinity"}}
        {"row": "fp_math/fp_math/fp_overflow_negative", "expr": "2.0 * -8.988466e+307 ", "value": {"doubleValue": "-Infinity"}}
        {"row": "integer_math/int64_math/sub_positive_positive", "expr": "42 - 12", "value": {"int64Value": "30"}}
        {"row": "integer_math/int64_math/sub_negative_negative", "expr": "-42 - (-12)", "value": {"int64Value": "-30"}}
        {"row": "integer_math/int64_math/multiply_positive_negative", "expr": "40 * (-2)", "value": {"int64Value": "-80"}}
        {"row": "integer_math/int64_math/multiply_negative_negative", "expr": "-30 * (-2)", "value": {"int64Value": "60"}}
        {"row": "integer_math/int64_math/divide_positive_positive", "expr": "42 / 2", "value": {"int64Value": "21"}}
        {"row": "integer_math/int64_math/divide_negative_negative", "expr": "-80 / (-2)", "value": {"int64Value": "40"}}
        {"row": "integer_math/int64_math/mod_positive_positive", "expr": "47 % 5", "value": {"int64Value": "2"}}
        {"row": "integer_math/int64_math/mod_positive_negative", "expr": "43 % (-5)", "value": {"int64Value": "3"}}
        {"row": "integer_math/int64_math/mod_negative_negative", "expr": "-42 % (-5)", "value": {"int64Value": "-2"}}
        {"row": "integer_math/int64_math/mod_negative_positive", "expr": "-3 % 5", "value": {"int64Value": "-3"}}
        {"row": "integer_math/int64_math/unary_minus_no_overload", "expr": "-(42u)", "error": true}
        {"row": "integer_math/int64_math/unary_minus_not_bool", "expr": "-false", "error": true}
        {"row": "integer_math/int64_math/mod_zero", "expr": "34 % 0", "error": true}
        {"row": "integer_math/int64_math/negative_zero", "expr": "-(0)", "value": {"int64Value": "0"}}
        {"row": "integer_math/int64_math/divide_zero", "expr": "15 / 0", "error": true}
        {"row": "integer_math/int64_math/add_right_identity", "expr": " 29 + 0", "value": {"int64Value": "29"}}
        {"row": "integer_math/int64_math/add_commutative", "expr": "75 + 15 == 15 + 75", "value": {"boolValue": true}}
        {"row": "integer_math/int64_math/add_associative", "expr": "5 + (15 + 20) == (5 + 15) + 20", "value": {"boolValue": true}}
        {"row": "integer_math/int64_math/mul_left_identity", "expr": "1 * 45", "value": {"int64Value": "45"}}
        {"row": "integer_math/int64_math/add_mul_distribute", "expr": "5 * (15 + 25)  == 5 * 15 + 5 * 25", "value": {"boolValue": true}}
        {"row": "integer_math/int64_math/int64_overflow_negative", "expr": "-9223372036854775808 - 1", "error": true}
        {"row": "integer_math/int64_math/int64_overflow_add_negative", "expr": "-9223372036854775808 + (-1)", "error": true}
        {"row": "integer_math/int64_math/int64_overflow_sub_positive", "expr": "1 - (-9223372036854775807)", "error": true}
        {"row": "integer_math/int64_math/int64_overflow_mul_positive", "expr": "5000000000 * 5000000000", "error": true}
        {"row": "integer_math/int64_math/int64_overflow_mul_negative", "expr": "(-5000000000) * 5000000000", "error": true}
        {"row": "integer_math/uint64_math/add", "expr": "42u + 2u", "value": {"uint64Value": "44"}}
        {"row": "integer_math/uint64_math/sub", "expr": "42u - 12u", "value": {"uint64Value": "30"}}
        {"row": "integer_math/uint64_math/mod", "expr": "42u % 5u", "value": {"uint64Value": "2"}}
        {"row": "integer_math/uint64_math/negative_no_overload", "expr": "-(5u)", "error": true}
        {"row": "integer_math/uint64_math/add_left_identity", "expr": "0u + 17u", "value": {"uint64Value": "17"}}
        {"row": "integer_math/uint64_math/mul_right_identity", "expr": "25u * 1u", "value": {"uint64Value": "25"}}
        {"row": "lists/concatenation/list_append", "expr": "[0, 1, 2] + [3, 4, 5] == [0, 1, 2, 3, 4, 5]", "value": {"boolValue": true}}
        {"row": "lists/concatenation/list_not_commutative", "expr": "[0, 1, 2] + [3, 4, 5] == [3, 4, 5, 0, 1, 2]", "value": {"boolValue": false}}
        {"row": "lists/concatenation/list_repeat", "expr": "[2] + [2]", "value": {"listValue": {"values": [{"int64Value": "2"}, {"int64Value": "2"}]}}}
        {"row": "lists/concatenation/empty_empty", "expr": "[] + []", "value": {"listValue": {}}}
        {"row": "lists/concatenation/right_unit", "expr": "[1, 2] + []", "value": {"listValue": {"values": [{"int64Value": "1"}, {"int64Value": "2"}]}}}
        {"row": "lists/index/zero_based", "expr": "[7, 8, 9][0]", "value": {"int64Value": "7"}}
        {"row": "lists/index/zero_based_double", "expr": "[7, 8, 9][dyn(0.0)]", "value": {"int64Value": "7"}}
        {"row": "lists/index/zero_based_double_error", "expr": "[7, 8, 9][dyn(0.1)]", "error": true}
        {"row": "lists/index/middle", "expr": "[0, 1, 1, 2, 3, 5, 8, 13][4]", "value": {"int64Value": "3"}}
        {"row": "lists/index/last", "expr": "['George', 'John', 'Paul', 'Ringo'][3]", "value": {"stringValue": "Ringo"}}
        {"row": "lists/index/index_out_of_bounds_or_false", "expr": "dyn([1, 2, 3][3]) || false", "error": true}
        {"row": "lists/index/index_out_of_bounds_or_true", "expr": "dyn([1, 2, 3][3]) || true", "value": {"boolValue": true}}
        {"row": "lists/index/index_out_of_bounds_and_true", "expr": "dyn([1, 2, 3][3]) && true", "error": true}
        {"row": "lists/index/bad_index_type_or_false", "expr": "dyn([1, 2, 3][dyn('')]) || false", "error": true}
        {"row": "lists/index/bad_index_type_or_true", "expr": "dyn([1, 2, 3][dyn('')]) || true", "value": {"boolValue": true}}
        {"row": "lists/index/bad_index_type_and_true", "expr": "dyn([1, 2, 3][dyn('')]) && true", "error": true}
        {"row": "lists/in/first", "expr": "'alpha' in ['alpha', 'beta', 'gamma']", "value": {"boolValue": true}}
        {"row": "lists/in/middle", "expr": "3 in [5, 4, 3, 2, 1]", "value": {"boolValue": true}}
        {"row": "lists/in/last", "expr": "20u in [4u, 6u, 8u, 12u, 20u]", "value": {"boolValue": true}}
        {"row": "lists/in/double_in_uints", "expr": "dyn(3.0) in [5u, 4u, 3u, 2u, 1u]", "value": {"boolValue": true}}
        {"row": "lists/in/missing", "expr": "'hawaiian' in ['meat', 'veggie', 'margarita', 'cheese']", "value": {"boolValue": false}}
        {"row": "logic/conditional/true_case", "expr": "true ? 1 : 2", "value": {"int64Value": "1"}}
        {"row": "logic/conditional/false_case", "expr": "false ? 'foo' : 'bar'", "value": {"stringValue": "bar"}}
        {"row": "logic/conditional/error_case", "expr": "2 / 0 > 4 ? 'baz' : 'quux'", "error": true}
        {"row": "logic/conditional/mixed_type", "expr": "true ? 'cows' : 17", "value": {"stringValue": "cows"}}
        {"row": "logic/conditional/bad_type", "expr": "'cows' ? false : 17", "error": true}
        {"row": "logic/AND/all_true", "expr": "true && true", "value": {"boolValue": true}}
        {"row": "logic/AND/false_left", "expr": "false && true", "value": {"boolValue": false}}
        {"row": "logic/AND/false_right", "expr": "true && false", "value": {"boolValue": false}}
        {"row": "logic/AND/short_circuit_error_left", "expr": "false && (2 / 0 > 3 ? false : true)", "value": {"boolValue": false}}
        {"row": "logic/AND/short_circuit_error_right", "expr": "(2 / 0 > 3 ? false : true) && false", "value": {"boolValue": false}}
        {"row": "logic/AND/error_right", "expr": "true && 1/0 != 0", "error": true}
        {"row": "logic/AND/no_overload", "expr": "'less filling' && 'tastes great'", "error": true}
        {"row": "logic/OR/all_true", "expr": "true || true", "value": {"boolValue": true}}
        {"row": "logic/OR/all_false", "expr": "false || false", "value": {"boolValue": false}}
        {"row": "logic/OR/false_left", "expr": "false || true", "value": {"boolValue": true}}
        {"row": "logic/OR/false_right", "expr": "true || false", "value": {"boolValue": true}}
        {"row": "logic/OR/short_circuit_type_right", "expr": "'horses' || true", "value": {"boolValue": true}}
        {"row": "logic/OR/short_circuit_error_left", "expr": "true || (2 / 0 > 3 ? false : true)", "value": {"boolValue": true}}
        {"row": "logic/OR/error_left", "expr": "1/0 != 0 || false", "error": true}
        {"row": "logic/NOT/not_false", "expr": "!false", "value": {"boolValue": true}}
        {"row": "logic/NOT/no_overload", "expr": "!0", "error": true}
        {"row": "macros/exists/list_elem_some_true", "expr": "[1, 2, 3].exists(e, e == 2)", "value": {"boolValue": true}}
        {"row": "macros/exists/list_elem_none_true", "expr": "[1, 2, 3].exists(e, e > 3)", "value": {"boolValue": false}}
        {"row": "macros/exists/list_elem_type_shortcircuit", "expr": "[1, 'foo', 3].exists(e, e != '1')", "value": {"boolValue": true}}
        {"row": "macros/exists/list_empty", "expr": "[].exists(e, e == 2)", "value": {"boolValue": false}}
        {"row": "macros/exists/not_map_key", "expr": "!{'key1':1, 'key2':2}.exists(k, k == 'key3')", "value": {"boolValue": true}}
        {"row": "macros/exists/map_key_type_shortcircuit", "expr": "{'key':1, 1:21}.exists(k, k != 2)", "value": {"boolValue": true}}
        {"row": "macros/exists/map_key_type_exhaustive", "expr": "!{'key':1, 1:42}.exists(k, k == 2)", "value": {"boolValue": true}}
        {"row": "macros/all/list_elem_none_true", "expr": "[1, 2, 3].all(e, e == 17)", "value": {"boolValue": false}}
        {"row": "macros/all/list_elem_type_exhaustive", "expr": "[1, 'foo', 3].all(e, e % 2 == 1)", "error": true}
        {"row": "macros/all/list_elem_error_shortcircuit", "expr": "[1, 2, 3].all(e, 6 / (2 - e) == 6)", "value": {"boolValue": false}}
        {"row": "macros/all/list_empty", "expr": "[].all(e, e > 0)", "value": {"boolValue": true}}
        {"row": "macros/all/map_key", "expr": "{'key1':1, 'key2':2}.all(k, k == 'key2')", "value": {"boolValue": false}}
        {"row": "macros/exists_one/list_empty", "expr": "[].exists_one(a, a == 7)", "value": {"boolValue": false}}
        {"row": "macros/exists_one/list_one_true", "expr": "[7].exists_one(a, a == 7)", "value": {"boolValue": true}}
        {"row": "macros/exists_one/list_one_false", "expr": "[8].exists_one(a, a == 7)", "value": {"boolValue": false}}
        {"row": "macros/exists_one/list_many", "expr": "[0, 1, 2, 3, 4].exists_one(n, n % 2 == 1)", "value": {"boolValue": false}}
        {"row": "macros/exists_one/list_no_shortcircuit", "expr": "[3, 2, 1, 0].exists_one(n, 12 / n > 1)", "error": true}
        {"row": "macros/map/map_extract_keys", "expr": "{'John': 'smart'}.map(key, key) == ['John']", "value": {"boolValue": true}}
        {"row": "macros/filter/list_some", "expr": "[0, 1, 2, 3, 4].filter(x, x % 2 == 1)", "value": {"listValue": {"values": [{"int64Value": "1"}, {"int64Value": "3"}]}}}
        {"row": "macros/filter/map_filter_keys", "expr": "{'John': 'smart', 'Paul': 'cute', 'George': 'quiet', 'Ringo': 'funny'}.filter(key, key == 'Ringo') == ['Ringo']", "value": {"boolValue": true}}
        {"row": "macros/nested/filter_all", "expr": "['signer'].filter(signer, ['artifact'].all(artifact, true))", "value": {"listValue": {"values": [{"stringValue": "signer"}]}}}
        {"row": "macros/nested/all_all", "expr": "['signer'].all(signer, ['artifact'].all(artifact, true))", "value": {"boolValue": true}}
        {"row": "macros2/exists/list_elem_some_true", "expr": "[1, 2, 3].exists(i, v, i == 1 && v == 2)", "value": {"boolValue": true}}
        {"row": "macros2/exists/list_elem_none_true", "expr": "[1, 2, 3].exists(i, v, i > 2 && v > 3)", "value": {"boolValue": false}}
        {"row": "macros2/exists/list_elem_type_shortcircuit", "expr": "[1, 'foo', 3].exists(i, v, i == 1 && v != '1')", "value": {"boolValue": true}}
        {"row": "macros2/exists/map_key_type_shortcircuit", "expr": "{'key':1, 1:21}.exists(k, v, k != 2 && v != 22)", "value": {"boolValue": true}}
        {"row": "macros2/exists/map_key_type_exhaustive", "expr": "!{'key':1, 1:42}.exists(k, v, k == 2 && v == 43)", "value": {"boolValue": true}}
        {"row": "macros2/all/list_elem_all_true", "expr": "[1, 2, 3].all(i, v, i > -1 && v > 0)", "value": {"boolValue": true}}
        {"row": "macros2/all/list_elem_some_true", "expr": "[1, 2, 3].all(i, v, i == 1 && v == 2)", "value": {"boolValue": false}}
        {"row": "macros2/all/list_elem_type_shortcircuit", "expr": "[1, 'foo', 3].all(i, v, i == 0 || v == 1)", "value": {"boolValue": false}}
        {"row": "macros2/all/list_elem_type_exhaustive", "expr": "[0, 'foo', 3].all(i, v, v % 2 == i)", "value": {"boolValue": false}}
        {"row": "macros2/all/list_elem_type_error_exhaustive", "expr": "[0, 'foo', 5].all(i, v, v % 3 == i)", "error": true}
        {"row": "macros2/all/list_elem_error_shortcircuit", "expr": "[1, 2, 3].all(i, v, 6 / (2 - v) == i)", "value": {"boolValue": false}}
        {"row": "macros2/all/list_elem_error_exhaustive", "expr": "[1, 2, 3].all(i, v, v / i != 17)", "error": true}
        {"row": "macros2/all/map_key", "expr": "{'key1':1, 'key2':2}.all(k, v, k == 'key2' && v == 2)", "value": {"boolValue": false}}
        {"row": "macros2/existsOne/list_one_false", "expr": "[8].existsOne(i, v, i == 0 && v == 7)", "value": {"boolValue": false}}
        {"row": "macros2/existsOne/list_none", "expr": "[1, 2, 3].existsOne(i, v, i > 2 || v > 3)", "value": {"boolValue": false}}
        {"row": "macros2/existsOne/list_many", "expr": "[0, 1, 2, 3, 4].existsOne(i, v, v % 2 == i)", "value": {"boolValue": false}}
        {"row": "macros2/existsOne/list_all", "expr": "['foal', 'foo', 'four'].existsOne(i, v, i > -1 && v.startsWith('fo'))", "value": {"boolValue": false}}
        {"row": "macros2/existsOne/list_no_shortcircuit", "expr": "[3, 2, 1, 0].existsOne(i, v, v / i > 1)", "error": true}
        {"row": "macros2/transformList/empty", "expr": "[].transformList(i, v, i / v)", "value": {"listValue": {}}}
        {"row": "macros2/transformList/empty_filter", "expr": "[].transformList(i, v, i > v, i / v)", "value": {"listValue": {}}}
        {"row": "macros2/transformList/many_filter", "expr": "[2, 4, 6].transformList(i, v, i != 1 && v != 4, v / 2 + i)", "value": {"listValue": {"values": [{"int64Value": "1"}, {"int64Value": "5"}]}}}
        {"row": "macros2/transformList/error", "expr": "[2, 1, 0].transformList(i, v, v / i)", "error": true}
        {"row": "macros2/transformList/error_filter", "expr": "[2, 1, 0].transformList(i, v, v / i > 0, v)", "error": true}
        {"row": "macros2/transformMap/empty_filter", "expr": "{}.transformMap(k, v, k == 'foo' && v == 'bar', k + v)", "value": {"mapValue": {}}}
        {"row": "macros2/transformMap/one", "expr": "{'foo': 'bar'}.transformMap(k, v, k + v)", "value": {"mapValue": {"entries": [{"key": {"stringValue": "foo"}, "value": {"stringValue": "foobar"}}]}}}
        {"row": "macros2/transformMap/one_filter", "expr": "{'foo': 'bar'}.transformMap(k, v, k == 'foo' && v == 'bar', k + v)", "value": {"mapValue": {"entries": [{"key": {"stringValue": "foo"}, "value": {"stringValue": "foobar"}}]}}}
        {"row": "macros2/transformMap/many", "expr": "{'foo': 'bar', 'baz': 'bux', 'hello': 'world'}.transformMap(k, v, k + v)", "value": {"mapValue": {"entries": [{"key": {"stringValue": "foo"}, "value": {"stringValue": "foobar"}}, {"key": {"stringValue": "baz"}, "value": {"stringValue": "bazbux"}}, {"key": {"stringValue": "hello"}, "value": {"stringValue": "helloworld"}}]}}}
        {"row": "macros2/transformMap/many_filter", "expr": "{'foo': 'bar', 'baz': 'bux', 'hello': 'world'}.transformMap(k, v, k != 'baz' && v != 'bux', k + v)", "value": {"mapValue": {"entries": [{"key": {"stringValue": "foo"}, "value": {"stringValue": "foobar"}}, {"key": {"stringValue": "hello"}, "value": {"stringValue": "helloworld"}}]}}}
        {"row": "math_ext/greatest_int_result/unary_negative", "expr": "math.greatest(-5)", "value": {"int64Value": "-5"}}
        {"row": "math_ext/greatest_int_result/unary_positive", "expr": "math.greatest(5)", "value": {"int64Value": "5"}}
        {"row": "math_ext/greatest_int_result/binary_same_args", "expr": "math.greatest(1, 1)", "value": {"int64Value": "1"}}
        {"row": "math_ext/greatest_int_result/binary_with_decimal", "expr": "math.greatest(1, 1.0) == 1", "error": true}
        {"row": "math_ext/greatest_int_result/binary_with_uint", "expr": "math.greatest(1, 1u) == 1", "error": true}
        {"row": "math_ext/greatest_int_result/binary_first_arg_int_min", "expr": "math.greatest(-9223372036854775808, 1)", "value": {"int64Value": "1"}}
        {"row": "math_ext/greatest_int_result/binary_second_arg_int_min", "expr": "math.greatest(1, -9223372036854775808)", "value": {"int64Value": "1"}}
        {"row": "math_ext/greatest_int_result/ternary_with_uint", "expr": "math.greatest(1, 1u, 1u) == 1", "error": true}
        {"row": "math_ext/greatest_int_result/ternary_third_arg_greatest", "expr": "math.greatest(1, 3, 10) == 10", "error": true}
        {"row": "math_ext/greatest_int_result/ternary_with_negatives", "expr": "math.greatest(-1, -2, -3) == -1", "error": true}
        {"row": "math_ext/greatest_int_result/ternary_int_max", "expr": "math.greatest(9223372036854775807, 1, 5) == 9223372036854775807", "error": true}
        {"row": "math_ext/greatest_int_result/quaternary_mixed", "expr": "math.greatest(5.4, 10, 3u, -5.0, 9223372036854775807) == 9223372036854775807", "error": true}
        {"row": "math_ext/greatest_double_result/unary_negative", "expr": "math.greatest(-5.0)", "value": {"doubleValue": -5.0}}
        {"row": "math_ext/greatest_double_result/binary_with_int", "expr": "math.greatest(1.0, 1) == 1.0", "error": true}
        {"row": "math_ext/greatest_double_result/binary_second_arg_greater", "expr": "math.greatest(-3.0, 3.0)", "value": {"doubleValue": 3.0}}
        {"row": "math_ext/greatest_double_result/binary_first_arg_double_max", "expr": "math.greatest(1.797693e308, 1)", "value": {"doubleValue": 1.797693e+308}}
        {"row": "math_ext/greatest_double_result/binary_second_arg_double_min", "expr": "math.greatest(1.5, -1.797693e308)", "value": {"doubleValue": 1.5}}
        {"row": "math_ext/greatest_double_result/ternary_same_args", "expr": "math.greatest(1.0, 1.0, 1.0) == 1.0", "error": true}
        {"row": "math_ext/greatest_double_result/ternary_with_negatives", "expr": "math.greatest(-1.5, -2.5, -3.5) == -1.5", "error": true}
        {"row": "math_ext/greatest_double_result/ternary_double_min", "expr": "math.greatest(-1.797693e308, -1, -5) == -1", "error": true}
        {"row": "math_ext/greatest_double_result/quaternary_mixed_dyn_array", "expr": "math.greatest([dyn(5.4), dyn(10.5), dyn(3u), dyn(-5.0), dyn(3.5)]) == 10.5", "error": true}
        {"row": "math_ext/greatest_uint_result/binary_first_arg_greater", "expr": "math.greatest(5u, -7)", "value": {"uint64Value": "5"}}
        {"row": "math_ext/greatest_uint_result/binary_second_arg_greater", "expr": "math.greatest(-3, 3u)", "value": {"uint64Value": "3"}}
        {"row": "math_ext/greatest_uint_result/binary_first_arg_uint_max", "expr": "math.greatest(18446744073709551615u, 1u)", "value": {"uint64Value": "18446744073709551615"}}
        {"row": "math_ext/greatest_uint_result/ternary_same_args", "expr": "math.greatest(1u, 1u, 1u) == 1u", "error": true}
        {"row": "math_ext/greatest_uint_result/ternary_with_int", "expr": "math.greatest(1u, 1, 1) == 1u", "error": true}
        {"row": "math_ext/greatest_uint_result/ternary_first_arg_greatest", "expr": "math.greatest(10u, 1u, 3u) == 10u", "error": true}
        {"row": "math_ext/greatest_uint_result/ternary_third_arg_greatest", "expr": "math.greatest(1u, 3u, 10u) == 10u", "error": true}
        {"row": "math_ext/greatest_uint_result/ternary_int_max", "expr": "math.greatest(18446744073709551615u, 1u, 5u) == 18446744073709551615u", "error": true}
        {"row": "math_ext/greatest_uint_result/quaternary_mixed_dyn_array", "expr": "math.greatest([dyn(5.4), dyn(10u), dyn(3u), dyn(-5.0), dyn(3.5)]) == 10u", "error": true}
        {"row": "math_ext/least_int_result/binary_same_args", "expr": "math.least(1, 1)", "value": {"int64Value": "1"}}
        {"row": "math_ext/least_int_result/binary_first_arg_int_max", "expr": "math.least(9223372036854775807, 1)", "value": {"int64Value": "1"}}
        {"row": "math_ext/least_int_result/binary_first_arg_int_min", "expr": "math.least(-9223372036854775808, 1)", "value": {"int64Value": "-9223372036854775808"}}
        {"row": "math_ext/least_int_result/binary_second_arg_int_min", "expr": "math.least(1, -9223372036854775808)", "value": {"int64Value": "-9223372036854775808"}}
        {"row": "math_ext/least_int_result/ternary_with_decimal", "expr": "math.least(1, 1.0, 1.0) == 1", "error": true}
        {"row": "math_ext/least_int_result/ternary_third_arg_least", "expr": "math.least(1, 3, 0) == 0", "error": true}
        {"row": "math_ext/least_int_result/ternary_with_negatives", "expr": "math.least(-1, -2, -3) == -3", "error": true}
        {"row": "math_ext/least_int_result/ternary_int_min", "expr": "math.least(-9223372036854775808, -1, -5) == -9223372036854775808", "error": true}
        {"row": "math_ext/least_int_result/quaternary_mixed", "expr": "math.least(5.4, 10, 3u, -5.0, 9223372036854775807) == -5.0", "error": true}
        {"row": "math_ext/least_int_result/quaternary_mixed_dyn_array", "expr": "math.least([dyn(5.4), dyn(10), dyn(3u), dyn(-5.0), dyn(3.5)]) == -5.0", "error": true}
        {"row": "math_ext/least_double_result/unary_negative", "expr": "math.least(-5.5)", "value": {"doubleValue": -5.5}}
        {"row": "math_ext/least_double_result/unary_positive", "expr": "math.least(5.5)", "value": {"doubleValue": 5.5}}
        {"row": "math_ext/least_double_result/binary_same_args", "expr": "math.least(1.5, 1.5)", "value": {"doubleValue": 1.5}}
        {"row": "math_ext/least_double_result/binary_with_int", "expr": "math.least(1.0, 1) == 1", "error": true}
        {"row": "math_ext/least_double_result/binary_first_arg_least", "expr": "math.least(-3.5, 3.5)", "value": {"doubleValue": -3.5}}
        {"row": "math_ext/least_double_result/binary_second_arg_least", "expr": "math.least(5.5, -7.5)", "value": {"doubleValue": -7.5}}
        {"row": "math_ext/least_double_result/binary_second_arg_double_max", "expr": "math.least(1.5, 1.797693e308)", "value": {"doubleValue": 1.5}}
        {"row": "math_ext/least_double_result/binary_second_arg_double_min", "expr": "math.least(1.5, -1.797693e308)", "value": {"doubleValue": -1.797693e+308}}
        {"row": "math_ext/least_double_result/ternary_with_int", "expr": "math.least(1.0, 1, 1) == 1.0", "error": true}
        {"row": "math_ext/least_double_result/ternary_first_arg_least", "expr": "math.least(0.5, 1.5, 3.5) == 0.5", "error": true}
        {"row": "math_ext/least_double_result/ternary_with_negatives", "expr": "math.least(-1.5, -2.5, -3.5) == -3.5", "error": true}
        {"row": "math_ext/least_double_result/ternary_double_min", "expr": "math.least(-1.797693e308, -1, -5) == -1.797693e308", "error": true}
        {"row": "math_ext/least_double_result/quaternary_mixed", "expr": "math.least(5.4, 10, 3u, -5.0, 1.797693e308) == -5.0", "error": true}
        {"row": "math_ext/least_uint_result/binary_same_args", "expr": "math.least(1u, 1u)", "value": {"uint64Value": "1"}}
        {"row": "math_ext/least_uint_result/binary_first_arg_least", "expr": "math.least(1u, 3u)", "value": {"uint64Value": "1"}}
        {"row": "math_ext/least_uint_result/binary_second_arg_uint_max", "expr": "math.least(1u, 18446744073709551615u)", "value": {"uint64Value": "1"}}
        {"row": "math_ext/least_uint_result/ternary_same_args", "expr": "math.least(1u, 1u, 1u) == 1u", "error": true}
        {"row": "math_ext/least_uint_result/ternary_with_decimal", "expr": "math.least(1u, 1.0, 1.0) == 1u", "error": true}
        {"row": "math_ext/least_uint_result/ternary_first_arg_least", "expr": "math.least(1u, 10u, 3u) == 1u", "error": true}
        {"row": "math_ext/least_uint_result/ternary_third_arg_least", "expr": "math.least(10u, 3u, 1u) == 1u", "error": true}
        {"row": "math_ext/least_uint_result/quaternary_mixed", "expr": "math.least(5.4, 10, 3u, 1u, 18446744073709551615u) == 1u", "error": true}
        {"row": "math_ext/least_uint_result/quaternary_mixed_dyn_array", "expr": "math.least([dyn(5.4), dyn(10u), dyn(3u), dyn(1u), dyn(3.5)]) == 1u", "error": true}
        {"row": "math_ext/ceil/negative", "expr": "math.ceil(-1.2)", "value": {"doubleValue": -1.0}}
        {"row": "math_ext/floor/negative", "expr": "math.floor(-1.2)", "value": {"doubleValue": -2.0}}
        {"row": "math_ext/floor/dyn_error", "expr": "math.floor(dyn(1))", "error": true}
        {"row": "math_ext/round/negative_down", "expr": "math.round(-1.6)", "value": {"doubleValue": -2.0}}
        {"row": "math_ext/round/nan", "expr": "math.isNaN(math.round(0.0/0.0))", "error": true}
        {"row": "math_ext/trunc/negative", "expr": "math.trunc(-1.2)", "value": {"doubleValue": -1.0}}
        {"row": "math_ext/trunc/positive", "expr": "math.trunc(1.2)", "value": {"doubleValue": 1.0}}
        {"row": "math_ext/trunc/dyn_error", "expr": "math.trunc(dyn(1))", "error": true}
        {"row": "math_ext/abs/positive_int", "expr": "math.abs(1)", "value": {"int64Value": "1"}}
        {"row": "math_ext/abs/positive_double", "expr": "math.abs(1.5)", "value": {"doubleValue": 1.5}}
        {"row": "math_ext/abs/int_overflow", "expr": "math.abs(-9223372036854775808)", "error": true}
        {"row": "math_ext/sign/positive_uint", "expr": "math.sign(100u)", "value": {"uint64Value": "1"}}
        {"row": "math_ext/sign/negative_int", "expr": "math.sign(-11)", "value": {"int64Value": "-1"}}
        {"row": "math_ext/sign/positive_double", "expr": "math.sign(100.5)", "value": {"doubleValue": 1.0}}
        {"row": "math_ext/sign/negative_double", "expr": "math.sign(-32.0)", "value": {"doubleValue": -1.0}}
        {"row": "math_ext/sign/zero_double", "expr": "math.sign(0.0)", "value": {"doubleValue": 0.0}}
        {"row": "math_ext/sign/dyn_error", "expr": "math.sign(dyn(true))", "error": true}
        {"row": "math_ext/isNaN/true", "expr": "math.isNaN(0.0/0.0)", "error": true}
        {"row": "math_ext/isNaN/false", "expr": "!math.isNaN(1.0/0.0)", "error": true}
        {"row": "math_ext/isNaN/dyn_error", "expr": "math.isNaN(dyn(true))", "error": true}
        {"row": "math_ext/isInf/true", "expr": "math.isInf(1.0/0.0)", "error": true}
        {"row": "math_ext/isInf/dyn_error", "expr": "math.isInf(dyn(true))", "error": true}
        {"row": "math_ext/isFinite/true", "expr": "math.isFinite(1.0/1.5)", "error": true}
        {"row": "math_ext/isFinite/false_nan", "expr": "!math.isFinite(0.0/0.0)", "error": true}
        {"row": "math_ext/isFinite/false_inf", "expr": "!math.isFinite(-1.0/0.0)", "error": true}
        {"row": "math_ext/isFinite/dyn_error", "expr": "math.isFinite(dyn(true))", "error": true}
        {"row": "math_ext/bit_and/int_int_non_intersect", "expr": "math.bitAnd(1, 2)", "value": {"int64Value": "0"}}
        {"row": "math_ext/bit_and/int_int_intersect", "expr": "math.bitAnd(1, 3)", "value": {"int64Value": "1"}}
        {"row": "math_ext/bit_and/uint_uint_intersect", "expr": "math.bitAnd(1u, 3u)", "value": {"uint64Value": "1"}}
        {"row": "math_ext/bit_and/int_dyn_error", "expr": "math.bitAnd(2u, dyn(''))", "error": true}
        {"row": "math_ext/bit_or/uint_uint", "expr": "math.bitOr(1u, 4u)", "value": {"uint64Value": "5"}}
        {"row": "math_ext/bit_or/dyn_int_error", "expr": "math.bitOr(dyn(1.2), 1)", "error": true}
        {"row": "math_ext/bit_xor/uint_uint", "expr": "math.bitXor(1u, 3u)", "value": {"uint64Value": "2"}}
        {"row": "math_ext/bit_not/int_positive", "expr": "math.bitNot(1)", "value": {"int64Value": "-2"}}
        {"row": "math_ext/bit_not/int_negative", "expr": "math.bitNot(-1)", "value": {"int64Value": "0"}}
        {"row": "math_ext/bit_not/uint_positive", "expr": "math.bitNot(1u)", "value": {"uint64Value": "18446744073709551614"}}
        {"row": "math_ext/bit_not/uint_zero", "expr": "math.bitNot(0u)", "value": {"uint64Value": "18446744073709551615"}}
        {"row": "math_ext/bit_shift_left/int", "expr": "math.bitShiftLeft(1, 2)", "value": {"int64Value": "4"}}
        {"row": "math_ext/bit_shift_left/int_negative_large_shift", "expr": "math.bitShiftLeft(-1, 200)", "value": {"int64Value": "0"}}
        {"row": "math_ext/bit_shift_left/uint", "expr": "math.bitShiftLeft(1u, 2)", "value": {"uint64Value": "4"}}
        {"row": "math_ext/bit_shift_right/int_large_shift", "expr": "math.bitShiftRight(1024, 64)", "value": {"int64Value": "0"}}
        {"row": "math_ext/bit_shift_right/int_negative_large_shift", "expr": "math.bitShiftRight(-1024, 64)", "value": {"int64Value": "0"}}
        {"row": "math_ext/bit_shift_right/uint_large_shift", "expr": "math.bitShiftRight(1024u, 200)", "value": {"uint64Value": "0"}}
        {"row": "math_ext/bit_shift_right/dyn_int_error", "expr": "math.bitShiftRight(dyn(b'123'), 1)", "error": true}
        {"row": "optionals/optionals/null", "expr": "optional.of(null).hasValue()", "value": {"boolValue": true}}
        {"row": "optionals/optionals/null_non_zero_value", "expr": "optional.ofNonZeroValue(null).hasValue()", "value": {"boolValue": false}}
        {"row": "optionals/optionals/none_or_none_or_value", "expr": "optional.none().or(optional.none()).orValue(42)", "value": {"int64Value": "42"}}
        {"row": "optionals/optionals/none_optMap_hasValue", "expr": "optional.none().optMap(y, y + 1).hasValue()", "value": {"boolValue": false}}
        {"row": "optionals/optionals/empty_map_optFlatMap_hasValue", "expr": "{}.?key.optFlatMap(k, k.?subkey).hasValue()", "value": {"boolValue": false}}
        {"row": "optionals/optionals/map_empty_submap_optFlatMap_hasValue", "expr": "{'key': {}}.?key.optFlatMap(k, k.?subkey).hasValue()", "value": {"boolValue": false}}
        {"row": "optionals/optionals/map_absent_key_absent_field_none", "expr": "{true: dyn(0)}[?false].absent.hasValue()", "value": {"boolValue": false}}
        {"row": "optionals/optionals/map_present_key_invalid_field", "expr": "{true: dyn(0)}[?true].absent.hasValue()", "error": true}
        {"row": "optionals/optionals/map_submap_optFlatMap_value", "expr": "{'key': {'subkey': ''}}.?key.optFlatMap(k, k.?subkey).value()", "value": {"stringValue": ""}}
        {"row": "optionals/optionals/map_optindex_optFlatMap_optional_ofNonZeroValue_hasValue", "expr": "{'key': {'subkey': ''}}.?key.optFlatMap(k, optional.ofNonZeroValue(k.subkey)).hasValue()", "value": {"boolValue": false}}
        {"row": "optionals/optionals/ternary_optional_hasValue", "expr": "(has({}.x) ? optional.of({}.x) : optional.none()).hasValue()", "value": {"boolValue": false}}
        {"row": "optionals/optionals/map_optindex_hasValue", "expr": "{}.?x.hasValue()", "value": {"boolValue": false}}
        {"row": "optionals/optionals/has_map_optindex_field", "expr": "has({'x': {'y': 'z'}}.?x.y)", "value": {"boolValue": true}}
        {"row": "optionals/optionals/optional_chaining_1", "expr": "optional.ofNonZeroValue('').or(optional.of({'c': {'dashed-index': 'goodbye'}}.c['dashed-index'])).orValue('default value')", "value": {"stringValue": "goodbye"}}
        {"row": "optionals/optionals/optional_chaining_6", "expr": "optional.of({'c': {}}).c.missing.or(optional.of(['list-value'])[0]).orValue('default value')", "value": {"stringValue": "list-value"}}
        {"row": "optionals/optionals/optional_chaining_10", "expr": "optional.ofNonZeroValue({'c': {'dashed-index': 'goodbye'}}.a.z).orValue({'c': {'dashed-index': 'goodbye'}}.c['dashed-index'])", "error": true}
        {"row": "optionals/optionals/optional_chaining_12", "expr": "{?'nested_map': optional.ofNonZeroValue({?'map': {'c': {'dashed-index': 'goodbye'}}.?c})}", "value": {"mapValue": {"entries": [{"key": {"stringValue": "nested_map"}, "value": {"mapValue": {"entries": [{"key": {"stringValue": "map"}, "value": {"mapValue": {"entries": [{"key": {"stringValue": "dashed-index"}, "value": {"stringValue": "goodbye"}}]}}}]}}}]}}}
        {"row": "optionals/optionals/optional_chaining_14", "expr": "[?{}.?c, ?optional.of(42), ?optional.none()]", "value": {"listValue": {"values": [{"int64Value": "42"}]}}}
        {"row": "optionals/optionals/optional_chaining_16", "expr": "optional.ofNonZeroValue({?'nested_map': optional.ofNonZeroValue({?'map': optional.of({}).?c})}).hasValue()", "value": {"boolValue": false}}
        {"row": "optionals/optionals/optional_none_optselect_hasValue", "expr": "optional.none().?repeated_string.hasValue()", "value": {"boolValue": false}}
        {"row": "optionals/optionals/empty_list_optindex_hasValue", "expr": "[][?0].hasValue()", "value": {"boolValue": false}}
        {"row": "optionals/optionals/list_optindex_value", "expr": "['foo'][?0].value()", "value": {"stringValue": "foo"}}
        {"row": "optionals/optionals/optional_list_optindex_value", "expr": "optional.of(['foo'])[?0].value()", "value": {"stringValue": "foo"}}
        {"row": "optionals/optionals/map_key_mixed_type_optindex_value", "expr": "{true: 1, 2: 2, 5u: 3}[?true].value()", "value": {"int64Value": "1"}}
        {"row": "optionals/optionals/map_key_mixed_numbers_uint_key_optindex_value", "expr": "{1u: 1.0, 2: 2.0, 3u: 3.0}[?2u].value()", "value": {"doubleValue": 2.0}}
        {"row": "optionals/optionals/optional_eq_none_none", "expr": "optional.none() == optional.none()", "value": {"boolValue": true}}
        {"row": "optionals/optionals/optional_eq_none_int", "expr": "optional.none() == optional.of(1)", "value": {"boolValue": false}}
        {"row": "optionals/optionals/optional_ne_none_int", "expr": "optional.none() != optional.of(1)", "value": {"boolValue": true}}
        {"row": "optionals/optionals/optional_ne_int_none", "expr": "optional.of(1) != optional.none()", "value": {"boolValue": true}}
        {"row": "optionals/optionals/map_optional_has", "expr": "has({'foo': optional.none()}.foo)", "value": {"boolValue": true}}
        {"row": "parse/nest/list_index", "expr": "a[a[a[a[a[a[a[a[a[a[a[a[0]]]]]]]]]]]]", "bindings": {"a": {"listValue": {"values": [{"int64Value": "0"}]}}}, "value": {"int64Value": "0"}}
        {"row": "parse/nest/map_literal", "expr": "size({0: {0: {0: {0: {0: {0: {0: {0: {0: {0: {0: {0: 'foo'}}}}}}}}}}}})", "value": {"int64Value": "1"}}
        {"row": "parse/nest/parens", "expr": "((((((((((((((((((((((((((((((((7))))))))))))))))))))))))))))))))", "value": {"int64Value": "7"}}
        {"row": "parse/repeat/conditional", "expr": "true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : false", "value": {"boolValue": true}}
        {"row": "parse/repeat/and", "expr": "true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && true && false", "value": {"boolValue": false}}
        {"row": "parse/repeat/mul_div", "expr": "4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4", "value": {"int64Value": "4"}}
        {"row": "parse/repeat/not", "expr": "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!true", "value": {"boolValue": true}}
        {"row": "parse/repeat/index", "expr": "[[[[[[[[[[[['foo']]]]]]]]]]]][0][0][0][0][0][0][0][0][0][0][0][0]", "value": {"stringValue": "foo"}}
        {"row": "parse/repeat/list_literal", "expr": "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31][17]", "value": {"int64Value": "17"}}
        {"row": "parse/string_literals/single_quoted", "expr": "'hello'", "value": {"stringValue": "hello"}}
        {"row": "parse/string_literals/single_quoted_escaped_punctuation", "expr": "' \\\\ \\? \\\" \\' \\` '", "value": {"stringValue": " \\ ? \" ' ` "}}
        {"row": "parse/string_literals/double_quoted_escaped_punctuation", "expr": "\" \\\\ \\? \\\" \\' \\` \"", "value": {"stringValue": " \\ ? \" ' ` "}}
        {"row": "parse/string_literals/triple_single_quoted_escaped_punctuation", "expr": "''' \\\\ \\? \\\" \\' \\` '''", "value": {"stringValue": " \\ ? \" ' ` "}}
        {"row": "parse/string_literals/triple_single_quoted_unescaped_punctuation", "expr": "''' ? \" ' ` '''", "value": {"stringValue": " ? \" ' ` "}}
        {"row": "parse/string_literals/single_quoted_escaped_special_control_characters", "expr": "' \\a \\b \\f \\t \\v '", "value": {"stringValue": " \u0007 \b \f \t \u000b "}}
        {"row": "parse/string_literals/double_quoted_escaped_special_control_characters", "expr": "\" \\a \\b \\f \\t \\v \"", "value": {"stringValue": " \u0007 \b \f \t \u000b "}}
        {"row": "parse/string_literals/double_quoted_unescaped_special_control_characters", "expr": "\" \u0007 \b \f \t \u000b \"", "value": {"stringValue": " \u0007 \b \f \t \u000b "}}
        {"row": "parse/string_literals/triple_single_quoted_escaped_special_control_characters", "expr": "''' \\a \\b \\f \\t \\v '''", "value": {"stringValue": " \u0007 \b \f \t \u000b "}}
        {"row": "parse/string_literals/triple_single_quoted_escaped_line_feed", "expr": "''' \\n '''", "value": {"stringValue": " \n "}}
        {"row": "parse/string_literals/triple_double_quoted_escaped_line_feed", "expr": "\"\"\" \\n \"\"\"", "value": {"stringValue": " \n "}}
        {"row": "parse/string_literals/triple_double_quoted_escaped_carriage_return", "expr": "\"\"\" \\r \"\"\"", "value": {"stringValue": " \r "}}
        {"row": "parse/string_literals/single_quoted_escaped_windows_line_end", "expr": "' \\r\\n '", "value": {"stringValue": " \r\n "}}
        {"row": "parse/string_literals/double_quoted_escaped_windows_line_end", "expr": "\" \\r\\n \"", "value": {"stringValue": " \r\n "}}
        {"row": "parse/string_literals/single_quoted_escaped_all_control_characters", "expr": "' \\x01 \\x02 \\x03 \\x04 \\x05 \\x06 \\x07 \\x08 \\x09 \\x0B \\x0C \\x0E \\x0F \\x10 \\x11 \\x12 \\x13 \\x14 \\x15 \\x16 \\x17 \\x18 \\x19 \\x1A \\x1B \\x1C \\x1D \\x1E \\x1f \\x7F '", "value": {"stringValue": " \u0001 \u0002 \u0003 \u0004 \u0005 \u0006 \u0007 \b \t \u000b \f \u000e \u000f \u0010 \u0011 \u0012 \u0013 \u0014 \u0015 \u0016 \u0017 \u0018 \u0019 \u001a \u001b \u001c \u001d \u001e \u001f \u007f "}}
        {"row": "parse/string_literals/double_quoted_unescaped_all_control_characters", "expr": "\" \u0001 \u0002 \u0003 \u0004 \u0005 \u0006 \u0007 \b \t \u000b \f \u000e \u000f \u0010 \u0011 \u0012 \u0013 \u0014 \u0015 \u0016 \u0017 \u0018 \u0019 \u001a \u001b \u001c \u001d \u001e \u001f \u007f \"", "value": {"stringValue": " \u0001 \u0002 \u0003 \u0004 \u0005 \u0006 \u0007 \b \t \u000b \f \u000e \u000f \u0010 \u0011 \u0012 \u0013 \u0014 \u0015 \u0016 \u0017 \u0018 \u0019 \u001a \u001b \u001c \u001d \u001e \u001f \u007f "}}
        {"row": "parse/string_literals/triple_single_quoted_escaped_all_control_characters", "expr": "''' \\x01 \\x02 \\x03 \\x04 \\x05 \\x06 \\x07 \\x08 \\x09 \\x0B \\x0C \\x0E \\x0F \\x10 \\x11 \\x12 \\x13 \\x14 \\x15 \\x16 \\x17 \\x18 \\x19 \\x1A \\x1B \\x1C \\x1D \\x1E \\x1f \\x7F '''", "value": {"stringValue": " \u0001 \u0002 \u0003 \u0004 \u0005 \u0006 \u0007 \b \t \u000b \f \u000e \u000f \u0010 \u0011 \u0012 \u0013 \u0014 \u0015 \u0016 \u0017 \u0018 \u0019 \u001a \u001b \u001c \u001d \u001e \u001f \u007f "}}
        {"row": "parse/string_literals/triple_double_quoted_escaped_all_control_characters", "expr": "\"\"\" \\x01 \\x02 \\x03 \\x04 \\x05 \\x06 \\x07 \\x08 \\x09 \\x0B \\x0C \\x0E \\x0F \\x10 \\x11 \\x12 \\x13 \\x14 \\x15 \\x16 \\x17 \\x18 \\x19 \\x1A \\x1B \\x1C \\x1D \\x1E \\x1f \\x7F \"\"\"", "value": {"stringValue": " \u0001 \u0002 \u0003 \u0004 \u0005 \u0006 \u0007 \b \t \u000b \f \u000e \u000f \u0010 \u0011 \u0012 \u0013 \u0014 \u0015 \u0016 \u0017 \u0018 \u0019 \u001a \u001b \u001c \u001d \u001e \u001f \u007f "}}
        {"row": "parse/string_literals/triple_single_quoted_unescaped_all_control_characters", "expr": "''' \u0001 \u0002 \u0003 \u0004 \u0005 \u0006 \u0007 \b \t \u000b \f \u000e \u000f \u0010 \u0011 \u0012 \u0013 \u0014 \u0015 \u0016 \u0017 \u0018 \u0019 \u001a \u001b \u001c \u001d \u001e \u001f \u007f '''", "value": {"stringValue": " \u0001 \u0002 \u0003 \u0004 \u0005 \u0006 \u0007 \b \t \u000b \f \u000e \u000f \u0010 \u0011 \u0012 \u0013 \u0014 \u0015 \u0016 \u0017 \u0018 \u0019 \u001a \u001b \u001c \u001d \u001e \u001f \u007f "}}
        {"row": "parse/string_literals/single_quoted_octal_escapes", "expr": "' \\000 \\012 \\177 '", "value": {"stringValue": " \u0000 \n \u007f "}}
        {"row": "parse/string_literals/triple_single_quoted_octal_escapes", "expr": "''' \\000 \\012 \\177 '''", "value": {"stringValue": " \u0000 \n \u007f "}}
        {"row": "parse/string_literals/triple_double_quoted_octal_escapes", "expr": "\"\"\" \\000 \\012 \\177 \"\"\"", "value": {"stringValue": " \u0000 \n \u007f "}}
        {"row": "parse/string_literals/double_quoted_lower_x_escapes", "expr": "\" \\x00 \\x0A \\x7F \"", "value": {"stringValue": " \u0000 \n \u007f "}}
        {"row": "parse/string_literals/triple_single_quoted_lower_x_escapes", "expr": "''' \\x00 \\x0A \\x7F '''", "value": {"stringValue": " \u0000 \n \u007f "}}
        {"row": "parse/string_literals/double_quoted_upper_x_escapes", "expr": "\" \\X00 \\X0A \\X7F \"", "value": {"stringValue": " \u0000 \n \u007f "}}
        {"row": "parse/string_literals/triple_single_quoted_upper_x_escapes", "expr": "''' \\X00 \\X0A \\X7F '''", "value": {"stringValue": " \u0000 \n \u007f "}}
        {"row": "parse/string_literals/double_quoted_lower_u_escapes", "expr": "\" \\u0000 \\u000A \\u007F \\u0100 \\uFFFB \"", "value": {"stringValue": " \u0000 \n \u007f \u0100 \ufffb "}}
        {"row": "parse/string_literals/triple_single_quoted_lower_u_escapes", "expr": "''' \\u0000 \\u000A \\u007F \\u0100 \\uFFFB '''", "value": {"stringValue": " \u0000 \n \u007f \u0100 \ufffb "}}
        {"row": "parse/string_literals/triple_double_quoted_lower_u_escapes", "expr": "\"\"\" \\u0000 \\u000A \\u007F \\u0100 \\uFFFB \"\"\"", "value": {"stringValue": " \u0000 \n \u007f \u0100 \ufffb "}}
        {"row": "parse/string_literals/single_quoted_upper_u_escapes", "expr": "' \\U00000000 \\U0000000A \\U0000007F \\U00000100 \\U0000FFFB \\U00010000 \\U0001F62C '", "value": {"stringValue": " \u0000 \n \u007f \u0100 \ufffb \ud800\udc00 \ud83d\ude2c "}}
        {"row": "parse/string_literals/triple_single_quoted_upper_u_escapes", "expr": "''' \\U00000000 \\U0000000A \\U0000007F \\U00000100 \\U0000FFFB \\U00010000 \\U0001F62C '''", "value": {"stringValue": " \u0000 \n \u007f \u0100 \ufffb \ud800\udc00 \ud83d\ude2c "}}
        {"row": "parse/string_literals/triple_double_quoted_upper_u_escapes", "expr": "\"\"\" \\U00000000 \\U0000000A \\U0000007F \\U00000100 \\U0000FFFB \\U00010000 \\U0001F62C \"\"\"", "value": {"stringValue": " \u0000 \n \u007f \u0100 \ufffb \ud800\udc00 \ud83d\ude2c "}}
        {"row": "parse/string_literals/mixed_case_hex_single_quoted_escapes", "expr": "' \\x4a \\x4B \\X4c \\X4D \\u01aB \\U000001aB '", "value": {"stringValue": " J K L M \u01ab \u01ab "}}
        {"row": "parse/string_literals/mixed_case_hex_triple_single_quoted_escapes", "expr": "''' \\x4a \\x4B \\X4c \\X4D \\u01aB \\U000001aB '''", "value": {"stringValue": " J K L M \u01ab \u01ab "}}
        {"row": "parse/string_literals/mixed_case_hex_triple_double_quoted_escapes", "expr": "\"\"\" \\x4a \\x4B \\X4c \\X4D \\u01aB \\U000001aB \"\"\"", "value": {"stringValue": " J K L M \u01ab \u01ab "}}
        {"row": "parse/string_literals/unassigned_code_point_triple_double_quoted_escapes", "expr": "\"\"\" \\U00088888 \"\"\"", "value": {"stringValue": " \ud9e2\udc88 "}}
        {"row": "parse/string_literals/unassigned_code_point_single_quoted_unescaped", "expr": "' \ud9e2\udc88 '", "value": {"stringValue": " \ud9e2\udc88 "}}
        {"row": "parse/string_literals/unassigned_code_point_double_quoted_unescaped", "expr": "\" \ud9e2\udc88 \"", "value": {"stringValue": " \ud9e2\udc88 "}}
        {"row": "parse/string_literals/raw_triple_double_quoted_escapes", "expr": "r\"\"\" \\\\ \\\\? \\\" \\' \\` \\a \\b \\f \\t \\v \\n \\r \\000 \\x00 \\X00 \\u0000 \\U00000000 \"\"\"", "value": {"stringValue": " \\\\ \\\\? \\\" \\' \\` \\a \\b \\f \\t \\v \\n \\r \\000 \\x00 \\X00 \\u0000 \\U00000000 "}}
        {"row": "parse/string_literals/upper_raw_single_quoted_escapes", "expr": "R' \\\\ \\\\? \\\" \\` \\a \\b \\f \\t \\v \\n \\r \\000 \\x00 \\X00 \\u0000 \\U00000000 '", "value": {"stringValue": " \\\\ \\\\? \\\" \\` \\a \\b \\f \\t \\v \\n \\r \\000 \\x00 \\X00 \\u0000 \\U00000000 "}}
        {"row": "parse/string_literals/upper_raw_triple_single_quoted_escapes", "expr": "R''' \\\\ \\\\? \\\" \\' \\` \\a \\b \\f \\t \\v \\n \\r \\000 \\x00 \\X00 \\u0000 \\U00000000 '''", "value": {"stringValue": " \\\\ \\\\? \\\" \\' \\` \\a \\b \\f \\t \\v \\n \\r \\000 \\x00 \\X00 \\u0000 \\U00000000 "}}
        {"row": "parse/bytes_literals/single_quoted_escaped_punctuation", "expr": "b' \\\\ \\\\? \\\" \\' \\` '", "value": {"bytesValue": "IFwgXD8gIiAnIGAg"}}
        {"row": "parse/bytes_literals/double_quoted_escaped_punctuation", "expr": "b\" \\\\ \\\\? \\\" \\' \\` \"", "value": {"bytesValue": "IFwgXD8gIiAnIGAg"}}
        {"row": "parse/bytes_literals/triple_single_quoted_escaped_punctuation", "expr": "b''' \\\\ \\\\? \\\" \\' \\` '''", "value": {"bytesValue": "IFwgXD8gIiAnIGAg"}}
        {"row": "parse/bytes_literals/triple_double_quoted_escaped_punctuation", "expr": "b\"\"\" \\\\ \\\\? \\\" \\' \\` \"\"\"", "value": {"bytesValue": "IFwgXD8gIiAnIGAg"}}
        {"row": "parse/bytes_literals/triple_single_quoted_unescaped_punctuation", "expr": "b''' ? \" ' ` '''", "value": {"bytesValue": "IFw/ICIgJyBgIA=="}}
        {"row": "parse/bytes_literals/single_quoted_escaped_special_control_characters", "expr": "b' \\a \\b \\f \\t \\v '", "value": {"bytesValue": "IAcgCCAMIAkgCyA="}}
        {"row": "parse/bytes_literals/single_quoted_unescaped_special_control_characters", "expr": "b' \u0007 \b \f \t \u000b '", "value": {"bytesValue": "IAcgCCAMIAkgCyA="}}
        {"row": "parse/bytes_literals/double_quoted_unescaped_special_control_characters", "expr": "b\" \u0007 \b \f \t \u000b \"", "value": {"bytesValue": "IAcgCCAMIAkgCyA="}}
        {"row": "parse/bytes_literals/triple_single_quoted_escaped_special_control_characters", "expr": "b''' \\a \\b \\f \\t \\v '''", "value": {"bytesValue": "IAcgCCAMIAkgCyA="}}
        {"row": "parse/bytes_literals/triple_double_quoted_escaped_special_control_characters", "expr": "b\"\"\" \\a \\b \\f \\t \\v \"\"\"", "value": {"bytesValue": "IAcgCCAMIAkgCyA="}}
        {"row": "parse/bytes_literals/triple_single_quoted_unescaped_special_control_characters", "expr": "b''' \u0007 \b \f \t \u000b '''", "value": {"bytesValue": "IAcgCCAMIAkgCyA="}}
        {"row": "parse/bytes_literals/single_quoted_escaped_line_feed", "expr": "b' \\n '", "value": {"bytesValue": "IAog"}}
        {"row": "parse/bytes_literals/triple_single_quoted_escaped_line_feed", "expr": "b''' \\n '''", "value": {"bytesValue": "IAog"}}
        {"row": "parse/bytes_literals/triple_double_quoted_escaped_line_feed", "expr": "b\"\"\" \\n \"\"\"", "value": {"bytesValue": "IAog"}}
        {"row": "parse/bytes_literals/single_quoted_escaped_carriage_return", "expr": "b' \\r '", "value": {"bytesValue": "IA0g"}}
        {"row": "parse/bytes_literals/triple_double_quoted_escaped_carriage_return", "expr": "b\"\"\" \\r \"\"\"", "value": {"bytesValue": "IA0g"}}
        {"row": "parse/bytes_literals/single_quoted_escaped_windows_line_end", "expr": "b' \\r\\n '", "value": {"bytesValue": "IA0KIA=="}}
        {"row": "parse/bytes_literals/double_quoted_escaped_windows_line_end", "expr": "b\" \\r\\n \"", "value": {"bytesValue": "IA0KIA=="}}
        {"row": "parse/bytes_literals/triple_double_quoted_escaped_windows_line_end", "expr": "b\"\"\" \\r\\n \"\"\"", "value": {"bytesValue": "IA0KIA=="}}
        {"row": "parse/bytes_literals/single_quoted_escaped_all_control_characters", "expr": "b' \\x01 \\x02 \\x03 \\x04 \\x05 \\x06 \\x07 \\x08 \\x09 \\x0B \\x0C \\x0E \\x0F \\x10 \\x11 \\x12 \\x13 \\x14 \\x15 \\x16 \\x17 \\x18 \\x19 \\x1A \\x1B \\x1C \\x1D \\x1E \\x1f \\x7F '", "value": {"bytesValue": "IAEgAiADIAQgBSAGIAcgCCAJIAsgDCAOIA8gECARIBIgEyAUIBUgFiAXIBggGSAaIBsgHCAdIB4gHyB/IA=="}}
        {"row": "parse/bytes_literals/double_quoted_escaped_all_control_characters", "expr": "b\" \\x01 \\x02 \\x03 \\x04 \\x05 \\x06 \\x07 \\x08 \\x09 \\x0B \\x0C \\x0E \\x0F \\x10 \\x11 \\x12 \\x13 \\x14 \\x15 \\x16 \\x17 \\x18 \\x19 \\x1A \\x1B \\x1C \\x1D \\x1E \\x1f \\x7F \"", "value": {"bytesValue": "IAEgAiADIAQgBSAGIAcgCCAJIAsgDCAOIA8gECARIBIgEyAUIBUgFiAXIBggGSAaIBsgHCAdIB4gHyB/IA=="}}
        {"row": "parse/bytes_literals/triple_single_quoted_escaped_all_control_characters", "expr": "b''' \\x01 \\x02 \\x03 \\x04 \\x05 \\x06 \\x07 \\x08 \\x09 \\x0B \\x0C \\x0E \\x0F \\x10 \\x11 \\x12 \\x13 \\x14 \\x15 \\x16 \\x17 \\x18 \\x19 \\x1A \\x1B \\x1C \\x1D \\x1E \\x1f \\x7F '''", "value": {"bytesValue": "IAEgAiADIAQgBSAGIAcgCCAJIAsgDCAOIA8gECARIBIgEyAUIBUgFiAXIBggGSAaIBsgHCAdIB4gHyB/IA=="}}
        {"row": "parse/bytes_literals/triple_double_quoted_unescaped_all_control_characters", "expr": "b\"\"\" \u0001 \u0002 \u0003 \u0004 \u0005 \u0006 \u0007 \b \t \u000b \f \u000e \u000f \u0010 \u0011 \u0012 \u0013 \u0014 \u0015 \u0016 \u0017 \u0018 \u0019 \u001a \u001b \u001c \u001d \u001e \u001f \u007f \"\"\"", "value": {"bytesValue": "IAEgAiADIAQgBSAGIAcgCCAJIAsgDCAOIA8gECARIBIgEyAUIBUgFiAXIBggGSAaIBsgHCAdIB4gHyB/IA=="}}
        {"row": "parse/bytes_literals/single_quoted_octal_escapes", "expr": "b' \\000 \\012 \\177 \\377 '", "value": {"bytesValue": "IAAgCiB/IP8g"}}
        {"row": "parse/bytes_literals/double_quoted_octal_escapes", "expr": "b\" \\000 \\012 \\177 \\377 \"", "value": {"bytesValue": "IAAgCiB/IP8g"}}
        {"row": "parse/bytes_literals/single_quoted_lower_x_escapes", "expr": "b' \\x00 \\x0A \\x7F \\xFF '", "value": {"bytesValue": "IAAgCiB/IP8g"}}
        {"row": "parse/bytes_literals/double_quoted_lower_x_escapes", "expr": "b\" \\x00 \\x0A \\x7F \\xFF \"", "value": {"bytesValue": "IAAgCiB/IP8g"}}
        {"row": "parse/bytes_literals/triple_double_quoted_lower_x_escapes", "expr": "b\"\"\" \\x00 \\x0A \\x7F \\xFF \"\"\"", "value": {"bytesValue": "IAAgCiB/IP8g"}}
        {"row": "parse/bytes_literals/single_quoted_upper_x_escapes", "expr": "b' \\X00 \\X0A \\X7F \\XFF '", "value": {"bytesValue": "IAAgCiB/IP8g"}}
        {"row": "parse/bytes_literals/double_quoted_upper_x_escapes", "expr": "b\" \\X00 \\X0A \\X7F \\XFF \"", "value": {"bytesValue": "IAAgCiB/IP8g"}}
        {"row": "parse/bytes_literals/mixed_case_hex_double_quoted_escapes", "expr": "B\" \\x4a \\x4B \\X4c \\X4D \"", "value": {"bytesValue": "IEogSyBMIE0g"}}
        {"row": "parse/bytes_literals/mixed_case_hex_triple_double_quoted_escapes", "expr": "B\"\"\" \\x4a \\x4B \\X4c \\X4D \"\"\"", "value": {"bytesValue": "IEogSyBMIE0g"}}
        {"row": "parse/bytes_literals/raw_double_quoted_escapes", "expr": "br\" \\\\ \\? \\' \\` \\a \\b \\f \\t \\v \\n \\r \\000 \\x00 \\X00 \\u0000 \\U00000000 \"", "value": {"bytesValue": "IFxcIFw/IFwnIFxgIFxhIFxiIFxmIFx0IFx2IFxuIFxyIFwwMDAgXHgwMCBcWDAwIFx1MDAwMCBcVTAwMDAwMDAwIA=="}}
        {"row": "parse/bytes_literals/raw_triple_single_quoted_escapes", "expr": "br''' \\\\ \\? \\\" \\' \\` \\a \\b \\f \\t \\v \\n \\r \\000 \\x00 \\X00 \\u0000 \\U00000000 '''", "value": {"bytesValue": "IFxcIFw/IFwiIFwnIFxgIFxhIFxiIFxmIFx0IFx2IFxuIFxyIFwwMDAgXHgwMCBcWDAwIFx1MDAwMCBcVTAwMDAwMDAwIA=="}}
        {"row": "parse/bytes_literals/upper_raw_single_quoted_escapes", "expr": "bR' \\\\ \\? \\\" \\` \\a \\b \\f \\t \\v \\n \\r \\000 \\x00 \\X00 \\u0000 \\U00000000 '", "value": {"bytesValue": "IFxcIFw/IFwiIFxgIFxhIFxiIFxmIFx0IFx2IFxuIFxyIFwwMDAgXHgwMCBcWDAwIFx1MDAwMCBcVTAwMDAwMDAwIA=="}}
        {"row": "parse/bytes_literals/upper_raw_triple_single_quoted_escapes", "expr": "bR''' \\\\ \\? \\\" \\' \\` \\a \\b \\f \\t \\v \\n \\r \\000 \\x00 \\X00 \\u0000 \\U00000000 '''", "value": {"bytesValue": "IFxcIFw/IFwiIFwnIFxgIFxhIFxiIFxmIFx0IFx2IFxuIFxyIFwwMDAgXHgwMCBcWDAwIFx1MDAwMCBcVTAwMDAwMDAwIA=="}}
        {"row": "parse/bytes_literals/upper_raw_triple_double_quoted_escapes", "expr": "bR\"\"\" \\\\ \\? \\\" \\' \\` \\a \\b \\f \\t \\v \\n \\r \\000 \\x00 \\X00 \\u0000 \\U00000000 \"\"\"", "value": {"bytesValue": "IFxcIFw/IFwiIFwnIFxgIFxhIFxiIFxmIFx0IFx2IFxuIFxyIFwwMDAgXHgwMCBcWDAwIFx1MDAwMCBcVTAwMDAwMDAwIA=="}}
        {"row": "parse/selectors/const", "expr": "{ 'const': 1 }.const", "value": {"int64Value": "1"}}
        {"row": "parse/selectors/function", "expr": "{ 'function': 1 }.function", "value": {"int64Value": "1"}}
        {"row": "parse/selectors/import", "expr": "{ 'import': 1 }.import", "value": {"int64Value": "1"}}
        {"row": "parse/selectors/let", "expr": "{ 'let': 1 }.let", "value": {"int64Value": "1"}}
        {"row": "parse/selectors/loop", "expr": "{ 'loop': 1 }.loop", "value": {"int64Value": "1"}}
        {"row": "parse/selectors/package", "expr": "{ 'package': 1 }.package", "value": {"int64Value": "1"}}
        {"row": "parse/selectors/namespace", "expr": "{ 'namespace': 1 }.namespace", "value": {"int64Value": "1"}}
        {"row": "parse/selectors/while", "expr": "{ 'while': 1 }.while", "value": {"int64Value": "1"}}
        {"row": "parse/receiver_function_names/as", "expr": "a.as() || true", "value": {"boolValue": true}}
        {"row": "parse/receiver_function_names/const", "expr": "a.const() || true", "value": {"boolValue": true}}
        {"row": "parse/receiver_function_names/let", "expr": "a.let() || true", "value": {"boolValue": true}}
        {"row": "parse/receiver_function_names/loop", "expr": "a.loop() || true", "value": {"boolValue": true}}
        {"row": "parse/receiver_function_names/package", "expr": "a.package() || true", "value": {"boolValue": true}}
        {"row": "parse/receiver_function_names/namespace", "expr": "a.namespace() || true", "value": {"boolValue": true}}
        {"row": "plumbing/min/min_program", "expr": "17", "value": {"int64Value": "17"}}
        {"row": "plumbing/eval_inputs/one_ignored_value_arg", "expr": "'foo'", "bindings": {"x": {"int64Value": "17"}}, "value": {"stringValue": "foo"}}
        {"row": "string/size/one_unicode", "expr": "size('\u00ff')", "value": {"int64Value": "1"}}
        {"row": "string/size/unicode", "expr": "size('\u03c0\u03ad\u03bd\u03c4\u03b5')", "value": {"int64Value": "5"}}
        {"row": "string/size/bytes", "expr": "size(b'abc')", "value": {"int64Value": "3"}}
        {"row": "string/starts_with/basic_true", "expr": "'foobar'.startsWith('foo')", "value": {"boolValue": true}}
        {"row": "string/starts_with/basic_false", "expr": "'foobar'.startsWith('bar')", "value": {"boolValue": false}}
        {"row": "string/starts_with/empty_empty", "expr": "''.startsWith('')", "value": {"boolValue": true}}
        {"row": "string/starts_with/unicode", "expr": "'\u0437\u0430\u0432\u0442\u0440\u0430'.startsWith('\u0437\u0430')", "value": {"boolValue": true}}
        {"row": "string/ends_with/basic_true", "expr": "'foobar'.endsWith('bar')", "value": {"boolValue": true}}
        {"row": "string/ends_with/empty_arg", "expr": "'foobar'.endsWith('')", "value": {"boolValue": true}}
        {"row": "string/ends_with/empty_empty", "expr": "''.endsWith('')", "value": {"boolValue": true}}
        {"row": "string/matches/basic", "expr": "'hubba'.matches('ubb')", "value": {"boolValue": true}}
        {"row": "string/matches/empty_arg", "expr": "'cows'.matches('')", "value": {"boolValue": true}}
        {"row": "string/matches/re_concat", "expr": "'abcd'.matches('bc')", "value": {"boolValue": true}}
        {"row": "string/matches/re_alt", "expr": "'grey'.matches('gr(a|e)y')", "value": {"boolValue": true}}
        {"row": "string/matches/re_rep", "expr": "'banana'.matches('ba(na)*')", "value": {"boolValue": true}}
        {"row": "string/matches/unicode", "expr": "'ma\u00f1ana'.matches('a+\u00f1+a+')", "value": {"boolValue": true}}
        {"row": "string/concatenation/concat_with_spaces", "expr": "'hello' + ' ' == 'hello'", "value": {"boolValue": false}}
        {"row": "string/concatenation/concat_empty_string_end", "expr": "'abc' + ''", "value": {"stringValue": "abc"}}
        {"row": "string/concatenation/ascii_unicode_unicode_smp", "expr": "'a' + '\u00ff' + '\ud83d\udc31'", "value": {"stringValue": "a\u00ff\ud83d\udc31"}}
        {"row": "string/concatenation/empty_unicode", "expr": "'' + '\u03a9' + ''", "value": {"stringValue": "\u03a9"}}
        {"row": "string/contains/contains_empty", "expr": "'hello'.contains('')", "value": {"boolValue": true}}
        {"row": "string/contains/contains_false", "expr": "'hello'.contains('ol')", "value": {"boolValue": false}}
        {"row": "string/contains/contains_multiple", "expr": "'abababc'.contains('ababc')", "value": {"boolValue": true}}
        {"row": "string/contains/contains_unicode", "expr": "'Stra\u00dfe'.contains('a\u00df')", "value": {"boolValue": true}}
        {"row": "string/contains/contains_unicode_smp", "expr": "'\ud83d\udc31\ud83d\ude00\ud83d\ude01'.contains('\ud83d\ude00')", "value": {"boolValue": true}}
        {"row": "string/contains/empty_contains", "expr": "''.contains('something')", "value": {"boolValue": false}}
        {"row": "string/bytes_concat/left_unit", "expr": "b'' + b'\\xffoo'", "value": {"bytesValue": "/29v"}}
        {"row": "string/bytes_concat/empty_empty", "expr": "b'' + b''", "value": {"bytesValue": ""}}
        {"row": "string_ext/char_at/middle_index", "expr": "'tacocat'.charAt(3)", "value": {"stringValue": "o"}}
        {"row": "string_ext/index_of/empty_index", "expr": "'tacocat'.indexOf('')", "value": {"int64Value": "0"}}
        {"row": "string_ext/index_of/string_index", "expr": "'tacocat'.indexOf('ac')", "value": {"int64Value": "1"}}
        {"row": "string_ext/index_of/empty_index", "expr": "'tacocat'.indexOf('', 3) == 3", "error": true}
        {"row": "string_ext/index_of/string_index", "expr": "'tacocat'.indexOf('at', 3) == 5", "error": true}
        {"row": "string_ext/index_of/unicode_char", "expr": "'ta\u00a9o\u00a9\u03b1T'.indexOf('\u00a9') == 2", "error": true}
        {"row": "string_ext/index_of/unicode_char_index", "expr": "'ta\u00a9o\u00a9\u03b1T'.indexOf('\u00a9', 3) == 4", "error": true}
        {"row": "string_ext/index_of/unicode_string_index", "expr": "'ta\u00a9o\u00a9\u03b1T'.indexOf('\u00a9\u03b1T', 3) == 4", "error": true}
        {"row": "string_ext/index_of/unicode_string_nomatch_index", "expr": "'ta\u00a9o\u00a9\u03b1T'.indexOf('\u00a9\u03b1', 5) == -1", "error": true}
        {"row": "string_ext/index_of/string_with_space_fullmatch", "expr": "'hello wello'.indexOf('hello wello') == 0", "error": true}
        {"row": "string_ext/index_of/string_with_space_index", "expr": "'hello wello'.indexOf('ello', 6) == 7", "error": true}
        {"row": "string_ext/index_of/string_nomatch_index", "expr": "'hello wello'.indexOf('elbo room!!') == -1", "error": true}
        {"row": "string_ext/last_index_of/empty_argument", "expr": "'tacocat'.lastIndexOf('') == 7", "error": true}
        {"row": "string_ext/last_index_of/string", "expr": "'tacocat'.lastIndexOf('at') == 5", "error": true}
        {"row": "string_ext/last_index_of/empty_index", "expr": "'tacocat'.lastIndexOf('', 3) == 3", "error": true}
        {"row": "string_ext/last_index_of/unicode_char_index", "expr": "'ta\u00a9o\u00a9\u03b1T'.lastIndexOf('\u00a9', 3) == 2", "error": true}
        {"row": "string_ext/last_index_of/unicode_string_index", "expr": "'ta\u00a9o\u00a9\u03b1T'.lastIndexOf('\u00a9\u03b1', 4) == 4", "error": true}
        {"row": "string_ext/last_index_of/string_with_space_string_nomatch", "expr": "'hello wello'.lastIndexOf('low') == -1", "error": true}
        {"row": "string_ext/last_index_of/string_with_space_string_with_space_nomatch", "expr": "'hello wello'.lastIndexOf('elbo room!!') == -1", "error": true}
        {"row": "string_ext/last_index_of/string_with_space_fullmatch", "expr": "'hello wello'.lastIndexOf('hello wello') == 0", "error": true}
        {"row": "string_ext/last_index_of/repeated_string", "expr": "'bananananana'.lastIndexOf('nana', 7) == 6", "error": true}
        {"row": "string_ext/ascii_casing/upperascii", "expr": "'tacoCat'.upperAscii() == 'TACOCAT'", "error": true}
        {"row": "string_ext/ascii_casing/upperascii_unicode", "expr": "'tacoC\u03b1t'.upperAscii() == 'TACOC\u03b1T'", "error": true}
        {"row": "string_ext/replace/no_placeholder", "expr": "'12 days 12 hours'.replace('{0}', '2') == '12 days 12 hours'", "error": true}
        {"row": "string_ext/replace/basic", "expr": "'{0} days {0} hours'.replace('{0}', '2') == '2 days 2 hours'", "error": true}
        {"row": "string_ext/split/one_limit", "expr": "'hello world events!'.split(' ', 1) == ['hello world events!']", "error": true}
        {"row": "string_ext/substring/start", "expr": "'tacocat'.substring(4) == 'cat'", "error": true}
        {"row": "string_ext/substring/start_with_max_length", "expr": "'tacocat'.substring(7) == ''", "error": true}
        {"row": "string_ext/substring/start_and_end_equal_value", "expr": "'tacocat'.substring(4, 4) == ''", "error": true}
        {"row": "string_ext/trim/blank_spaces_escaped_chars", "expr": "' \\f\\n\\r\\t\\vtext  '.trim() == 'text'", "error": true}
        {"row": "string_ext/trim/unicode_space_chars_1", "expr": "'\\u0085\\u00a0\\u1680text'.trim() == 'text'", "error": true}
        {"row": "string_ext/join/empty_separator", "expr": "['x', 'y'].join() == 'xy'", "error": true}
        {"row": "string_ext/join/empty_string_dash_separator", "expr": "[].join('-') == ''", "error": true}
        {"row": "string_ext/quote/backspace", "expr": "strings.quote(\"\\bbackspace\") == \"\\\"\\\\bbackspace\\\"\"", "error": true}
        {"row": "string_ext/quote/vertical_tab", "expr": "strings.quote(\"vertical \\v tab\") == \"\\\"vertical \\\\v tab\\\"\"", "error": true}
        {"row": "string_ext/quote/two_escape_sequences", "expr": "strings.quote(\"two escape sequences \\\\a\\\\n\") == \"\\\"two escape sequences \\\\\\\\a\\\\\\\\n\\\"\"", "error": true}
        {"row": "string_ext/quote/starts_with", "expr": "strings.quote(\"\\\\ starts with\") == \"\\\"\\\\\\\\ starts with\\\"\"", "error": true}
        {"row": "string_ext/quote/printable_unicode", "expr": "strings.quote(\"printable unicode\ud83d\ude00\") == \"\\\"printable unicode\ud83d\ude00\\\"\"", "error": true}
        {"row": "string_ext/quote/mid_string_quote", "expr": "strings.quote(\"mid string \\\" quote\") == \"\\\"mid string \\\\\\\" quote\\\"\"", "error": true}
        {"row": "string_ext/quote/single_quote_with_double_quote", "expr": "strings.quote('single-quote with \"double quote\"') == \"\\\"single-quote with \\\\\\\"double quote\\\\\\\"\\\"\"", "error": true}
        {"row": "string_ext/quote/size_unicode_char", "expr": "strings.quote(\"size('\u00ff')\") == \"\\\"size('\u00ff')\\\"\"", "error": true}
        {"row": "string_ext/quote/size_unicode_string", "expr": "strings.quote(\"size('\u03c0\u03ad\u03bd\u03c4\u03b5')\") == \"\\\"size('\u03c0\u03ad\u03bd\u03c4\u03b5')\\\"\"", "error": true}
        {"row": "string_ext/quote/unicode", "expr": "strings.quote(\"\u0437\u0430\u0432\u0442\u0440\u0430\") == \"\\\"\u0437\u0430\u0432\u0442\u0440\u0430\\\"\"", "error": true}
        {"row": "string_ext/quote/unicode_2", "expr": "strings.quote(\"ta\u00a9o\u00a9\u03b1T\") == \"\\\"ta\u00a9o\u00a9\u03b1T\\\"\"", "error": true}
        {"row": "string_ext/quote/empty_quote", "expr": "strings.quote(\"\")", "value": {"stringValue": "\"\""}}
        {"row": "string_ext/format/percent sign escape sequence support", "expr": "\"%%escaped %s%%\".format([\"percent\"])", "value": {"stringValue": "%escaped percent%"}}
        {"row": "string_ext/format/binary formatting clause", "expr": "\"this is 5 in binary: %b\".format([5])", "value": {"stringValue": "this is 5 in binary: 101"}}
        {"row": "string_ext/format/uint support for binary formatting", "expr": "\"unsigned 64 in binary: %b\".format([uint(64)])", "value": {"stringValue": "unsigned 64 in binary: 1000000"}}
        {"row": "string_ext/format/lowercase hexadecimal formatting clause", "expr": "\"%x is 20 in hexadecimal\".format([30])", "value": {"stringValue": "1e is 20 in hexadecimal"}}
        {"row": "string_ext/format/string support with uppercase hexadecimal formatting clause", "expr": "\"%X\".format([\"Hello world!\"])", "value": {"stringValue": "48656C6C6F20776F726C6421"}}
        {"row": "string_ext/format/scientific notation formatting clause", "expr": "\"%.6e\".format([1052.032911275])", "value": {"stringValue": "1.052033e+03"}}
        {"row": "string_ext/format/default precision for fixed-point clause with uint", "expr": "\"%f\".format([3u])", "value": {"stringValue": "3.000000"}}
        {"row": "string_ext/format/default precision for scientific notation", "expr": "\"%e\".format([2.71828])", "value": {"stringValue": "2.718280e+00"}}
        {"row": "string_ext/format/default precision for scientific notation with int", "expr": "\"%e\".format([2])", "value": {"stringValue": "2.000000e+00"}}
        {"row": "string_ext/format/NaN support for scientific notation", "expr": "\"%e\".format([double(\"NaN\")])", "value": {"stringValue": "NaN"}}
        {"row": "string_ext/format/positive infinity support for scientific notation", "expr": "\"%e\".format([double(\"Infinity\")])", "value": {"stringValue": "Infinity"}}
        {"row": "string_ext/format/positive infinity support for fixed-point", "expr": "\"%f\".format([double(\"Infinity\")])", "value": {"stringValue": "Infinity"}}
        {"row": "string_ext/format/uint support for decimal clause", "expr": "\"%d\".format([uint(64)])", "value": {"stringValue": "64"}}
        {"row": "string_ext/format/type() support for string", "expr": "\"%s\".format([type(\"test string\")])", "value": {"stringValue": "string"}}
        {"row": "string_ext/format/duration support for string", "expr": "\"%s\".format([duration(\"1h45m47s\")])", "value": {"stringValue": "6347s"}}
        {"row": "string_ext/format/boolean support for %s", "expr": "\"%s, %s\".format([true, false])", "value": {"stringValue": "true, false"}}
        {"row": "string_ext/format/dyntype support for string formatting clause", "expr": "\"%s\".format([dyn(\"a string\")])", "value": {"stringValue": "a string"}}
        {"row": "string_ext/format/dyntype support for hex formatting clause (uppercase)", "expr": "\"%X\".format([dyn(26)])", "value": {"stringValue": "1A"}}
        {"row": "string_ext/format/dyntype support for scientific notation", "expr": "\"%e\".format([dyn(2.71828)])", "value": {"stringValue": "2.718280e+00"}}
        {"row": "string_ext/format/dyntype NaN/infinity support", "expr": "\"%s\".format([[double(\"NaN\"), double(\"Infinity\"), double(\"-Infinity\")]])", "value": {"stringValue": "[NaN, Infinity, -Infinity]"}}
        {"row": "string_ext/format/dyntype support for lists", "expr": "\"%s\".format([dyn([6, 4.2, \"a string\"])])", "value": {"stringValue": "[6, 4.2, a string]"}}
        {"row": "string_ext/format/substitution inside escaped percent signs in a string variable", "expr": "str_var.format([\"text\"])", "bindings": {"str_var": {"stringValue": "%%%s%%"}}, "value": {"stringValue": "%text%"}}
        {"row": "string_ext/format/fixed point formatting clause in a string variable", "expr": "str_var.format([1.2345])", "bindings": {"str_var": {"stringValue": "%.3f"}}, "value": {"stringValue": "1.234"}}
        {"row": "string_ext/format/binary formatting clause in a string variable", "expr": "str_var.format([5])", "bindings": {"str_var": {"stringValue": "%b"}}, "value": {"stringValue": "101"}}
        {"row": "string_ext/format/scientific notation formatting clause in a string variable", "expr": "str_var.format([1052.032911275])", "bindings": {"str_var": {"stringValue": "%.6e"}}, "value": {"stringValue": "1.052033e+03"}}
        {"row": "string_ext/format/format_%f_insignificant_zeroes_removed", "expr": "\"%.0f\".format([123.000000])", "value": {"stringValue": "123"}}
        {"row": "string_ext/format/format_%f_positive_round_to_whole_number", "expr": "\"%.0f\".format([3.5001])", "value": {"stringValue": "4"}}
        {"row": "string_ext/format/format_%f_negative_truncate_to_whole_number", "expr": "\"%.0f\".format([3.4999])", "value": {"stringValue": "3"}}
        {"row": "string_ext/format/format_%f_halfway_round_up_to_nearest_even", "expr": "\"%.0f\".format([1.5])", "value": {"stringValue": "2"}}
        {"row": "string_ext/format/format_%f_halfway_truncate_to_nearest_even", "expr": "\"%.0f\".format([2.5])", "value": {"stringValue": "2"}}
        {"row": "string_ext/format/format_%f_negative_round_up", "expr": "\"%.3f\".format([-123.4999])", "value": {"stringValue": "-123.500"}}
        {"row": "string_ext/format_errors/string substitution not allowed with octal clause", "expr": "\"octal: %o\".format([\"a string\"])", "error": true}
        {"row": "string_ext/format_errors/uppercase not allowed for scientific clause", "expr": "\"double is %E\".format([0.5])", "error": true}
        {"row": "string_ext/format_errors/null not allowed for %d", "expr": "\"null: %d\".format([null])", "error": true}
        {"row": "string_ext/format_errors/null not allowed for %e", "expr": "\"null: %e\".format([null])", "error": true}
        {"row": "string_ext/format_errors/null not allowed for %b", "expr": "\"null: %b\".format([null])", "error": true}
        {"row": "string_ext/format_errors/null not allowed for %o", "expr": "\"null: %o\".format([null])", "error": true}
        {"row": "string_ext/value_errors/lastindexof_out_of_range", "expr": "'tacocat'.lastIndexOf('a', 30) == -1", "error": true}
        {"row": "string_ext/value_errors/substring_out_of_range", "expr": "'tacocat'.substring(40) == 'cat'", "error": true}
        {"row": "string_ext/value_errors/substring_negative_index", "expr": "'tacocat'.substring(-1) == 'cat'", "error": true}
        {"row": "string_ext/value_errors/substring_end_index_out_of_range", "expr": "'tacocat'.substring(1, 50) == 'cat'", "error": true}
        {"row": "string_ext/value_errors/substring_begin_index_out_of_range", "expr": "'tacocat'.substring(49, 50) == 'cat'", "error": true}
        {"row": "string_ext/value_errors/substring_end_index_greater_than_begin_index", "expr": "'tacocat'.substring(4, 3) == ''", "error": true}
        {"row": "string_ext/type_errors/charat_invalid_type", "expr": "42.charAt(2) == ''", "error": true}
        {"row": "string_ext/type_errors/indexof_unary_invalid_type", "expr": "24.indexOf('2') == 0", "error": true}
        {"row": "string_ext/type_errors/indexof_unary_invalid_argument", "expr": "'hello'.indexOf(true) == 1", "error": true}
        {"row": "string_ext/type_errors/indexof_binary_invalid_argument", "expr": "42.indexOf('4', 0) == 0", "error": true}
        {"row": "string_ext/type_errors/indexof_binary_invalid_argument_2", "expr": "'42'.indexOf(4, 0) == 0", "error": true}
        {"row": "string_ext/type_errors/indexof_binary_both_invalid_arguments", "expr": "'42'.indexOf('4', '0') == 0", "error": true}
        {"row": "string_ext/type_errors/split_invalid_type", "expr": "42.split('2') == ['4']", "error": true}
        {"row": "string_ext/type_errors/replace_binary_invalid_argument", "expr": "'42'.replace(2, 1) == '41'", "error": true}
        {"row": "string_ext/type_errors/replace_binary_invalid_argument_2", "expr": "'42'.replace('2', 1) == '41'", "error": true}
        {"row": "string_ext/type_errors/replace_ternary_invalid_argument_2", "expr": "'42'.replace(2, '1', 1) == '41'", "error": true}
        {"row": "string_ext/type_errors/replace_ternary_invalid_argument_4", "expr": "'42'.replace('2', '1', '1') == '41'", "error": true}
        {"row": "string_ext/type_errors/split_invalid_argument", "expr": "'42'.split(2) == ['4']", "error": true}
        {"row": "string_ext/type_errors/split_binary_invalid_type", "expr": "42.split('2', '1') == ['4']", "error": true}
        {"row": "string_ext/type_errors/split_binary_invalid_argument", "expr": "'42'.split(2, 1) == ['4']", "error": true}
        {"row": "string_ext/type_errors/substring_binary_invalid_type", "expr": "30.substring(true, 3) == ''", "error": true}
        {"row": "string_ext/type_errors/substring_binary_invalid_argument_2", "expr": "'tacocat'.substring(0, false) == ''", "error": true}
        {"row": "string_ext/reverse/empty", "expr": "''.reverse() == ''", "error": true}
        {"row": "string_ext/reverse/multiple", "expr": "'Ta\u00a9oC\u03b1t'.reverse() == 't\u03b1Co\u00a9aT'", "error": true}
        {"row": "timestamps/timestamp_conversions/toInt_timestamp", "expr": "int(timestamp('2009-02-13T23:31:30Z'))", "value": {"int64Value": "1234567890"}}
        {"row": "timestamps/timestamp_conversions/toString_timestamp", "expr": "string(timestamp('2009-02-13T23:31:30Z'))", "value": {"stringValue": "2009-02-13T23:31:30Z"}}
        {"row": "timestamps/timestamp_conversions/toString_timestamp_nanos", "expr": "string(timestamp('9999-12-31T23:59:59.999999999Z'))", "value": {"stringValue": "9999-12-31T23:59:59.999999999Z"}}
        {"row": "timestamps/timestamp_selectors/getDayOfWeek", "expr": "timestamp('2009-02-13T23:31:30Z').getDayOfWeek()", "value": {"int64Value": "5"}}
        {"row": "timestamps/timestamp_selectors/getFullYear", "expr": "timestamp('2009-02-13T23:31:30Z').getFullYear()", "value": {"int64Value": "2009"}}
        {"row": "timestamps/timestamp_selectors/getMonth", "expr": "timestamp('2009-02-13T23:31:30Z').getMonth()", "value": {"int64Value": "1"}}
        {"row": "timestamps/timestamp_selectors_tz/getDayOfMonth_name_pos", "expr": "timestamp('2009-02-13T23:31:30Z').getDayOfMonth('US/Central')", "value": {"int64Value": "12"}}
        {"row": "timestamps/timestamp_selectors_tz/getDayOfMonth_numerical_pos", "expr": "timestamp('2009-02-13T23:31:30Z').getDayOfMonth('+11:00')", "value": {"int64Value": "13"}}
        {"row": "timestamps/timestamp_selectors_tz/getDayOfMonth_name_neg", "expr": "timestamp('2009-02-13T02:00:00Z').getDayOfMonth('America/St_Johns')", "value": {"int64Value": "11"}}
        {"row": "timestamps/timestamp_selectors_tz/getDayOfWeek", "expr": "timestamp('2009-02-13T23:31:30Z').getDayOfWeek('UTC')", "value": {"int64Value": "5"}}
        {"row": "timestamps/timestamp_selectors_tz/getHours", "expr": "timestamp('2009-02-13T23:31:30Z').getHours('02:00')", "value": {"int64Value": "1"}}
        {"row": "timestamps/timestamp_selectors_tz/getMonth", "expr": "timestamp('2009-02-13T23:31:30Z').getMonth('UTC')", "value": {"int64Value": "1"}}
        {"row": "timestamps/timestamp_selectors_tz/getSeconds", "expr": "timestamp('2009-02-13T23:31:30Z').getSeconds('-00:00')", "value": {"int64Value": "30"}}
        {"row": "timestamps/timestamp_equality/eq_diff", "expr": "timestamp('2009-02-13T23:31:29Z') == timestamp('2009-02-13T23:31:30Z')", "value": {"boolValue": false}}
        {"row": "timestamps/timestamp_equality/neq_same", "expr": "timestamp('1945-05-07T02:41:00Z') != timestamp('1945-05-07T02:41:00Z')", "value": {"boolValue": false}}
        {"row": "timestamps/duration_equality/eq_same", "expr": "duration('123s') == duration('123s')", "value": {"boolValue": true}}
        {"row": "timestamps/duration_equality/eq_diff", "expr": "duration('60s') == duration('3600s')", "value": {"boolValue": false}}
        {"row": "timestamps/timestamp_arithmetic/subtract_duration_from_time", "expr": "timestamp('2009-02-13T23:10:00Z') - duration('600s') == timestamp('2009-02-13T23:00:00Z')", "value": {"boolValue": true}}
        {"row": "timestamps/timestamp_arithmetic/subtract_duration_from_duration", "expr": "duration('900s') - duration('42s') == duration('858s')", "value": {"boolValue": true}}
        {"row": "timestamps/comparisons/leq_duration_false", "expr": "duration('300s') <= duration('200s')", "value": {"boolValue": false}}
        {"row": "timestamps/comparisons/geq_duration_false", "expr": "duration('120s') >= duration('200s')", "value": {"boolValue": false}}
        {"row": "timestamps/comparisons/greater_timestamp_true", "expr": "timestamp('2009-02-13T23:59:00Z') > timestamp('2009-02-13T23:00:00Z')", "value": {"boolValue": true}}
        {"row": "timestamps/duration_converters/get_seconds", "expr": "duration('3730s').getSeconds()", "value": {"int64Value": "3730"}}
        {"row": "timestamps/timestamp_range/from_int_over", "expr": "timestamp(253402300800)", "error": true}
        {"row": "timestamps/timestamp_range/add_duration_over", "expr": "timestamp('9999-12-31T23:59:59Z') + duration('1s')", "error": true}
        {"row": "timestamps/timestamp_range/add_duration_nanos_over", "expr": "timestamp('9999-12-31T23:59:59.999999999Z') + duration('1ns')", "error": true}
        {"row": "timestamps/timestamp_range/add_duration_nanos_under", "expr": "timestamp('0001-01-01T00:00:00Z') + duration('-1ns')", "error": true}
        {"row": "timestamps/timestamp_range/sub_time_duration_under", "expr": "timestamp('0001-01-01T00:00:00Z') - timestamp('9999-12-31T23:59:59Z')", "error": true}
        {"row": "timestamps/duration_range/from_string_over", "expr": "duration('320000000000s')", "error": true}
        {"row": "timestamps/duration_range/add_over", "expr": "duration('200000000000s') + duration('200000000000s')", "error": true}
        """#
}
